package mosaic

import "bowecho/internal/grid"

// tally is what is seen in a window, in shares of it: how much was looked at, how much of that is echo, and the echo's
// reflectivity times its share.
type tally struct{ seen, echo, dBZ float32 }

// with counts one sum of gates more, with a weight. It has no branches, and works on a copy, which stays in registers.
func (t tally) with(sum uint64, weight float32) tally {
	return tally{
		t.seen + weight*float32(int32(sum>>48)),
		t.echo + weight*float32(int32(sum>>32&0xffff)),
		t.dBZ + weight*float32(int64(sum&0xffffffff)), // above the floor, in steps, until these are shares
	}
}

// shares makes counts to shares of the window.
func (t tally) shares(by float32) tally {
	return tally{t.seen * by, t.echo * by, t.dBZ*by/stepsPerDBZ + t.echo*by*floorDBZ}
}

// plus counts another tally with a weight.
func (t *tally) plus(other tally, weight float32) {
	t.seen += weight * other.seen
	t.echo += weight * other.echo
	t.dBZ += weight * other.dBZ
}

// isClear tells whether enough was looked at, and nothing found.
func (t *tally) isClear() bool { return t.echo == 0 && t.seen >= 0.5 }

// mixed gives what is between two tallies, by the share of the other.
func (t *tally) mixed(other *tally, share float32) (m tally) {
	m.plus(*t, 1-share)
	m.plus(*other, share)
	return m
}

// value gives the mean reflectivity of the echo in dBZ where at least half of what was looked at is echo, so that areas
// are neither widened nor narrowed; no echo else; and NaN where less than half of the window was looked at. The value is
// a whole number of steps, so that the mean of equal values is that value.
func (t tally) value() float32 {
	switch {
	case !(t.seen >= 0.5):
		return nan
	case t.echo < t.seen/2:
		return grid.NoEchoDBZ
	}
	return float32(int32((t.dBZ/t.echo-floorDBZ)*stepsPerDBZ+0.5)+floorDBZ*stepsPerDBZ) / stepsPerDBZ
}

package motion

import "bowecho/internal/grid"

// frame is one observation on one level: dB above the floor, and how much of a pixel was observed, 0 to 1.
type frame struct {
	echo, seen plane
	ageMin     float32
}

func newFrame(f *grid.Field, ageMin float64, cfg Config) frame {
	out := frame{newPlane(f.Rows, f.Cols), newPlane(f.Rows, f.Cols), float32(ageMin)}
	low, high := float32(cfg.FloorDBZ), float32(cfg.CeilingDBZ)
	grid.Bands(f.Rows, func(from, to int) {
		for i := from * f.Cols; i < to*f.Cols; i++ {
			if v := f.Values[i]; v-v == 0 { // neither NaN nor infinite
				out.echo.v[i] = min(max(v, low), high) - low
				out.seen.v[i] = 1
			}
		}
	})
	return out
}

// halving is the weights of four neighbours in a pixel twice as wide; wider than the pixel, against aliasing.
var halving = [4]float32{1. / 8, 3. / 8, 3. / 8, 1. / 8}

// halved gives the frame at half the resolution: the weighted mean of what was observed.
func (f frame) halved() frame {
	rows, cols := halves(f.echo.rows), halves(f.echo.cols)
	out := frame{newPlane(rows, cols), newPlane(rows, cols), f.ageMin}
	grid.Bands(rows, func(from, to int) {
		echoes, seens := make([]float32, f.echo.cols), make([]float32, f.echo.cols)
		for r := from; r < to; r++ {
			f.sumRows(r, echoes, seens)
			sumCols(out.echo.row(r), out.seen.row(r), echoes, seens)
		}
	})
	return out
}

// sumRows weighs the four rows that meet in row r of the halved frame.
func (f frame) sumRows(r int, echoes, seens []float32) {
	clear(echoes)
	clear(seens)
	for k, weight := range halving {
		in := min(max(2*r-1+k, 0), f.echo.rows-1)
		echo, seen := f.echo.row(in), f.seen.row(in)
		for c := range echoes {
			w := weight * seen[c]
			seens[c] += w
			echoes[c] += w * echo[c]
		}
	}
}

// sumCols weighs the four columns that meet in each pixel of a halved row.
func sumCols(echo, seen, echoes, seens []float32) {
	for c := range echo {
		var sum, weight float32
		for k, w := range halving {
			in := min(max(2*c-1+k, 0), len(echoes)-1)
			sum += w * echoes[in]
			weight += w * seens[in]
		}
		seen[c] = weight
		if weight > 0 {
			echo[c] = sum / weight
		}
	}
}

// at interpolates between pixels; outside the grid nothing was observed.
func (f *frame) at(x, y float32) (echo, seen float32) {
	rows, cols := f.echo.rows, f.echo.cols
	if !(x >= 0 && y >= 0 && x <= float32(cols-1) && y <= float32(rows-1)) {
		return 0, 0
	}
	x0, y0 := int(x), int(y)
	fx, fy := x-float32(x0), y-float32(y0)
	a := y0*cols + x0
	b := a + min(1, cols-1-x0)
	down := cols * min(1, rows-1-y0)
	e, s := f.echo.v, f.seen.v
	above, below := e[a]+fx*(e[b]-e[a]), e[a+down]+fx*(e[b+down]-e[a+down])
	seenAbove, seenBelow := s[a]+fx*(s[b]-s[a]), s[a+down]+fx*(s[b+down]-s[a+down])
	return above + fy*(below-above), seenAbove + fy*(seenBelow-seenAbove)
}

package motion

// block is the pixels of a block, and the line through what frames show along the path to each.
type block struct {
	n     int
	at    [blockPixels * blockPixels]int // of each pixel: where it lies in a plane
	paths [blockPixels * blockPixels]path
	lines [blockPixels * blockPixels]line
}

// begin takes the pixels from a first row and column to the last.
func (b *block) begin(f flow, row, col, lastRow, lastCol int) {
	for r := row; r <= lastRow; r++ {
		for i := r*f.u.cols + col; i <= r*f.u.cols+lastCol; i++ {
			b.at[b.n], b.paths[b.n] = i, f.backFrom(i)
			b.n++
		}
	}
}

// add adds what frames show.
func (b *block) add(frames []frame) {
	for k := range frames {
		age := frames[k].ageMin
		for i := range b.paths[:b.n] {
			b.lines[i].add(age, frames[k].at(b.paths[i].before(age)))
		}
	}
}

// addWhole is add where all of the paths was observed in full.
func (b *block) addWhole(frames []frame) {
	var all line // but for the echo
	for k := range frames {
		f, age := &frames[k], frames[k].ageMin
		all.add(age, pixel{0, 1})
		for i := range b.paths[:b.n] {
			echo := f.echoAt(b.paths[i].before(age))
			b.lines[i].e += echo
			b.lines[i].te -= echo * age
		}
	}
	for i := range b.lines {
		b.lines[i].n, b.lines[i].t, b.lines[i].tt = all.n, all.t, all.tt
	}
}

// fit puts the lines' numbers where they belong.
func (b *block) fit(t trend) {
	for k, i := range b.at[:b.n] {
		t.mean.v[i], t.slope.v[i], t.spread.v[i] = b.lines[k].fitted()
	}
}

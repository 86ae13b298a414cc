package nowcast

// origins are where a row of a block comes from: from a place, in cells, on by a step for each cell.
type origins struct{ x, y, stepX, stepY float32 }

func (o origins) of(i int) (x, y float32) { return o.x + float32(i)*o.stepX, o.y + float32(i)*o.stepY }

// patch is where a block comes from: its first row, and that of the block below.
type patch struct{ first, below origins }

// row gives where a row of the block comes from.
func (p patch) row(i int) origins {
	share := float32(i) / blockCells
	return origins{
		mix(p.first.x, p.below.x, share), mix(p.first.y, p.below.y, share),
		mix(p.first.stepX, p.below.stepX, share), mix(p.first.stepY, p.below.stepY, share),
	}
}

// box is the places that a patch lies between.
type box struct{ left, right, top, bottom float32 }

func (p patch) box() box {
	first, last := p.first, p.row(blockCells-1)
	ax, ay := first.of(blockCells - 1)
	bx, by := last.of(blockCells - 1)
	return box{
		min(first.x, ax, last.x, bx), max(first.x, ax, last.x, bx),
		min(first.y, ay, last.y, by), max(first.y, ay, last.y, by),
	}
}

package quality

// level is a stretch of bins of one phase.
type level struct {
	sum, weight float64
	first, last int // bins
}

func (l level) deg() float64 { return l.sum / l.weight }

// rise gives the levels that never fall and lie nearest to the bins: neighbours in the wrong order are put together.
// So noise is averaged, and the phase that large drops add for a while is not carried on as loss.
// Source: Barlow et al. 1972, Statistical Inference under Order Restrictions: pool adjacent violators.
func (p *phase) rise() {
	p.levels = p.levels[:0]
	bins := 0
	for b, w := range p.weights {
		if w < float64(p.least) {
			continue
		}
		bins++
		p.levels = append(p.levels, level{p.sums[b], w, b, b})
		for k := len(p.levels) - 1; k > 0 && p.levels[k-1].deg() >= p.levels[k].deg(); k-- {
			p.levels[k-1] = level{
				p.levels[k-1].sum + p.levels[k].sum, p.levels[k-1].weight + p.levels[k].weight, p.levels[k-1].first, p.levels[k].last,
			}
			p.levels = p.levels[:k]
		}
	}
	if bins < leastBins {
		p.levels = p.levels[:0]
	}
}

// draw writes the levels to the gates between two, with straight lines from each to the next.
func (p *phase) draw(out []float32, from, to int) {
	size := float32(p.binGates)
	for k, l := range p.levels {
		until, rise := to, float32(0)
		deg := float32(max(l.deg(), 0))
		middle := (float32(l.last) + 0.5) * size
		if k+1 < len(p.levels) {
			next := p.levels[k+1]
			until = min(to, int((float32(next.first)+0.5)*size))
			rise = (float32(max(next.deg(), 0)) - deg) / (float32(next.first-l.last) * size)
		}
		for ; from < until; from++ {
			out[from] = deg + rise*max(0, float32(from)+0.5-middle)
		}
	}
}

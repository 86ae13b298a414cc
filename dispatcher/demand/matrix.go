package demand

import "math"

// matrix is how much is known of shares: symmetric, and positive in every direction.
type matrix [n][n]float64

// forget takes away a share of what is known in the direction of x, and of nothing else.
func (m *matrix) forget(seen *[n]float64, x [n]float64, share float64) {
	mx := m.times(x)
	all := dot(x, mx)
	if all < tiny {
		return
	}
	along := dot(x, *seen)
	for i := range n {
		for j := range n {
			m[i][j] -= share * mx[i] * mx[j] / all
		}
		seen[i] -= share * mx[i] * along / all
	}
}

// solve improves shares that are not negative until they fit best, by one coordinate after the other.
func (m *matrix) solve(seen, shares *[n]float64) {
	const sweeps, settled = 10, 1e-4 // the next order goes on from there
	for range sweeps {
		changed, size := 0.0, 0.0
		for i := range n {
			if m[i][i] < tiny {
				continue
			}
			was := shares[i]
			shares[i] = max(0, was+(seen[i]-dot(m[i], *shares))/m[i][i])
			changed, size = changed+math.Abs(shares[i]-was), size+shares[i]
		}
		if changed <= settled*size {
			return
		}
	}
}

// inverse gives xᵀ m⁻¹ x, by Cholesky's decomposition.
func (m *matrix) inverse(x [n]float64) (sum float64) {
	var lower matrix
	var y [n]float64
	for i := range n {
		for j := 0; j <= i; j++ {
			v := m[i][j]
			for k := range j {
				v -= lower[i][k] * lower[j][k]
			}
			if i == j {
				lower[i][i] = math.Sqrt(max(v, tiny))
			} else {
				lower[i][j] = v / lower[j][j]
			}
		}
		y[i] = x[i]
		for k := range i {
			y[i] -= lower[i][k] * y[k]
		}
		y[i] /= lower[i][i]
		sum += y[i] * y[i]
	}
	return sum
}

func (m *matrix) times(x [n]float64) (y [n]float64) {
	for i := range n {
		y[i] = dot(m[i], x)
	}
	return y
}

func dot(a, b [n]float64) (sum float64) {
	for i := range n {
		sum += a[i] * b[i]
	}
	return sum
}

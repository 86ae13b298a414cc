package folder

// recent remembers the files that were emitted last. A file that comes to be just when its directory is listed is seen
// twice; of older ones a reader of files knows by their identity that it has them.
type recent struct{ now, before map[string]bool }

// remembered is how many files are remembered at least.
const remembered = 4096

// add remembers an identity, and tells whether it is new.
func (r *recent) add(identity string) bool {
	if r.now[identity] || r.before[identity] {
		return false
	}
	if r.now == nil || len(r.now) == remembered {
		r.now, r.before = make(map[string]bool), r.now
	}
	r.now[identity] = true
	return true
}

package level2

import "fmt"

// maxFlaws is how many different flaws of a file are told; a file with more is told to have more.
const maxFlaws = 24

// flaws counts what of a file could not be used, in the order in which it was met.
type flaws struct {
	texts  []string
	counts []int
}

func (f *flaws) add(text string) { f.addTimes(text, 1) }

func (f *flaws) addTimes(text string, times int) {
	for i := range f.texts {
		if f.texts[i] == text {
			f.counts[i] += times
			return
		}
	}
	if len(f.texts) == maxFlaws {
		text, times = "and more", 1
	}
	if len(f.texts) <= maxFlaws {
		f.texts, f.counts = append(f.texts, text), append(f.counts, times)
	}
}

func (f *flaws) join(other flaws) {
	for i := range other.texts {
		f.addTimes(other.texts[i], other.counts[i])
	}
}

// list gives the flaws in words, with how often each was met.
func (f *flaws) list() (words []string) {
	for i, text := range f.texts {
		if f.counts[i] > 1 {
			text = fmt.Sprintf("%s (%d times)", text, f.counts[i])
		}
		words = append(words, text)
	}
	return words
}

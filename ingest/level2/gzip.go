package level2

import (
	"bowecho/ingest/gzipped"
)

// unzip gives the content of a gzipped file, never more than maxBytes of it. Of one that is cut off or damaged it gives
// what is good.
func (c *content) unzip(data []byte) ([]byte, error) {
	if !gzipped.Is(data) {
		return data, nil
	}
	inflated, err := gzipped.Inflate(data, maxBytes)
	if len(inflated) == 0 {
		return nil, err
	}
	if err != nil {
		c.flaws.add(err.Error())
	}
	return inflated, nil
}

// Package polygon is the one door to GEOS: geometry goes in and answers come out. What GEOS allocates, Go's
// garbage collector frees.
package polygon

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/twpayne/go-geos"
)

// Check tells what makes a geometry invalid in the OGC sense, and where; nil means that it is valid.
func Check(g orb.Geometry) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("check geometry: %v", r)
		}
	}()
	data, err := wkb.Marshal(g)
	if err != nil {
		return fmt.Errorf("check geometry: %w", err)
	}
	if len(data) == 0 {
		return nil // a nil geometry is empty
	}
	shape, err := geos.NewContext().NewGeomFromWKB(data)
	if err != nil {
		return fmt.Errorf("check geometry: %w", err)
	}
	if !shape.IsValid() {
		return errors.New(shape.IsValidReason())
	}
	return nil
}

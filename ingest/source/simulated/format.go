package simulated

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"bowecho/ingest/casa"
	"bowecho/ingest/level2"
	"bowecho/internal/radar"
)

// The formats of the files.
const (
	CASA   = "casa"   // NetCDF
	Level2 = "level2" // NEXRAD Archive II volumes of one sweep
	Parts  = "parts"  // the same as they come in real time, in a folder for each radar
)

// forms write a sweep as the files in which it would come.
var forms = map[string]func(*radar.Scan) ([]level2.Part, error){
	CASA: func(scan *radar.Scan) ([]level2.Part, error) {
		data, err := casa.Encode(scan)
		return []level2.Part{{Name: casa.FileName(scan), Data: data}}, err
	},
	Level2: func(scan *radar.Scan) ([]level2.Part, error) {
		scan = asStation(scan)
		data, err := level2.Encode(scan)
		return []level2.Part{{Name: level2.FileName(scan), Data: data}}, err
	},
	Parts: func(scan *radar.Scan) ([]level2.Part, error) {
		scan = asStation(scan)
		parts, err := level2.Chunks(scan)
		for i := range parts {
			parts[i].Name = path.Join(scan.Site.Name, parts[i].Name)
		}
		return parts, err
	},
}

// asStation gives a scan under a name that Level II can hold: no station's begins with X.
func asStation(scan *radar.Scan) *radar.Scan {
	named := *scan
	named.Site.Name = "X" + strings.ToUpper(scan.Site.Name[:3])
	return &named
}

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"bowecho/ingest"
	"bowecho/internal/grid"
	"bowecho/internal/radar"
	"bowecho/processors/mosaic"
	"bowecho/processors/motion"
	"bowecho/processors/quality"

	"github.com/spf13/cobra"
)

func mosaicCommand() *cobra.Command {
	var config, out, at string
	var every time.Duration
	var moving []float64
	choice := mosaic.DefaultConfig()
	keep := 5 * time.Minute
	cmd := &cobra.Command{
		Use:   "mosaic FILE...",
		Short: "Lay radar files of any format on one grid, with the age and the number of looks of each cell",
		Example: `  bowecho mosaic addison*.netcdf.gz denton*.netcdf.gz --out mosaic.nc
  bowecho mosaic KLBB20160601_150025_V06 --heights cappi --cappi 2000 --out cappi.nc
  bowecho mosaic *.netcdf.gz KFWS* --heights band --band-from 100 --band-to 2000 --combine weighted --move 12,-4 --out mosaic.nc
  bowecho mosaic addison*.netcdf.gz --every 1m --out minutes.nc`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, files []string) error {
			if err := choice.Validate(); err != nil {
				return usageError{err}
			}
			cfg, err := loadConfig(config)
			if err != nil {
				return err
			}
			m := mosaics{domain: cfg.domains()[0], cfg: choice, keep: keep}
			if m.scans, err = cleaned(files); err != nil {
				return err
			}
			if m.at, err = timeOf(at, m.scans); err != nil {
				return err
			}
			if every > 0 {
				return m.series(every, out)
			}
			return m.one(moving, out)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&config, "config", "c", "", "YAML file, of which the first domain is used")
	flags.StringVar(&out, "out", "", "NetCDF file to write: DBZH, AGE in s, LOOKS")
	flags.StringVar(&at, "at", "", "time of the mosaic, like 2017-03-29T07:30:00Z (default: of the newest scan)")
	flags.DurationVar(&keep, "keep", keep, "how long ago a scan may have ended")
	flags.DurationVar(&every, "every", 0, "one mosaic each interval from the oldest scan on, like 1m")
	flags.Float64SliceVar(&moving, "move", nil, "m/s to the east and to the north by which older echo is moved to the time")
	flags.StringVar(&choice.Heights, "heights", choice.Heights, "lowest, band, column (the highest value) or cappi")
	flags.Float64Var(&choice.BandFromM, "band-from", choice.BandFromM, "lower end of the band in m")
	flags.Float64Var(&choice.BandToM, "band-to", choice.BandToM, "upper end of the band in m")
	flags.Float64Var(&choice.CAPPIM, "cappi", choice.CAPPIM, "height of the CAPPI in m")
	flags.StringVar(&choice.Above, "above", choice.Above, "what heights are measured from: radar or sea")
	flags.StringVar(&choice.Combine, "combine", choice.Combine, "highest, nearest or weighted")
	require(cmd, "out")
	return cmd
}

// cleaned decodes files and marks what is not weather.
func cleaned(files []string) ([]*radar.Scan, error) {
	var scans []*radar.Scan
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		scan, err := ingest.Decode(name, data)
		if err != nil {
			return nil, err
		}
		scans = append(scans, scan)
	}
	return quality.DefaultConfig().CleanAll(scans), nil
}

// timeOf reads a time, or gives that of the newest sweep.
func timeOf(text string, scans []*radar.Scan) (at time.Time, err error) {
	if text != "" {
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			return at, usageError{fmt.Errorf("--at %q: want a time like 2017-03-29T07:30:00Z", text)}
		}
		return at.UTC(), nil
	}
	for _, scan := range scans {
		at = latest(at, scan.Start)
		for i := range scan.Sweeps {
			at = latest(at, scan.Sweeps[i].Start)
		}
	}
	return at.UTC(), nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// mosaics are made of scans on a domain.
type mosaics struct {
	domain grid.Domain
	cfg    mosaic.Config
	keep   time.Duration
	scans  []*radar.Scan
	at     time.Time
}

// one writes the mosaic at the time.
func (m *mosaics) one(moving []float64, out string) error {
	field, err := m.steady(moving)
	if err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(m.scans), func(s *radar.Scan) bool { return m.at.Sub(latest(s.Start, s.End)) > m.keep || s.Start.After(m.at) })
	if len(fresh) == 0 {
		return fmt.Errorf("no scan of the %v before %s; --at and --keep say otherwise", m.keep, m.at.Format(time.RFC3339))
	}
	made, err := mosaic.Make(fresh, m.domain, m.at, m.cfg, field)
	if err != nil {
		return err
	}
	for _, look := range made.Radars {
		fmt.Fprintf(os.Stderr, "%s %.0f s old\n", look.Radar, m.at.Sub(look.Time).Seconds())
	}
	if len(made.Radars) == 0 {
		fmt.Fprintf(os.Stderr, "no beam of these files reaches the domain %s, all of which is missing; -c FILE names another\n", m.domain.Name)
	}
	files := newMosaicGrids(m.domain, m.at)
	files.add(made, 0)
	return files.write(out)
}

// steady gives the same motion everywhere; nil for none.
func (m *mosaics) steady(metresPerSecond []float64) (*motion.Field, error) {
	if len(metresPerSecond) == 0 {
		return nil, nil
	}
	if len(metresPerSecond) != 2 {
		return nil, usageError{errors.New("--move: want m/s to the east and to the north, like 12,-4")}
	}
	n := m.domain.Rows * m.domain.Cols
	f := &motion.Field{Rows: m.domain.Rows, Cols: m.domain.Cols, U: make([]float32, n), V: make([]float32, n)}
	for row := range m.domain.Rows {
		heightKM, widthKM := m.domain.CellKM(row)
		for i := row * m.domain.Cols; i < (row+1)*m.domain.Cols; i++ {
			f.U[i], f.V[i] = float32(metresPerSecond[0]*0.06/widthKM), float32(-metresPerSecond[1]*0.06/heightKM)
		}
	}
	return f, nil
}

// series writes one mosaic each interval, from the oldest scan's to the time.
func (m *mosaics) series(every time.Duration, out string) error {
	slices.SortStableFunc(m.scans, func(a, b *radar.Scan) int { return a.Start.Compare(b.Start) })
	live, err := mosaic.NewLive(m.domain, m.cfg, m.keep)
	if err != nil {
		return err
	}
	begin := m.scans[0].Start.Truncate(every).Add(every)
	files := newMosaicGrids(m.domain, begin)
	for at := begin; !at.After(m.at.Add(every - 1)); at = at.Add(every) {
		n := 0
		for n < len(m.scans) && !m.scans[n].Start.After(at) {
			n++
		}
		made, err := live.Update(at, m.scans[:n]...)
		if err != nil {
			return err
		}
		m.scans = m.scans[n:]
		files.add(made, at.Sub(begin).Minutes())
	}
	return files.write(out)
}

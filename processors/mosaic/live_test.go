package mosaic

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"bowecho/internal/racing"
	"bowecho/internal/radar"
	"bowecho/processors/quality"
)

// same tells whether two mosaics are alike, byte for byte.
func same(a, b *Mosaic) bool {
	return a.Time.Equal(b.Time) && slices.Equal(a.Radars, b.Radars) && slices.Equal(a.AgeS, b.AgeS) && sameSeers(a, b) &&
		slices.EqualFunc(a.DBZ.Values, b.DBZ.Values, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// sameSeers tells whether the same radars see each cell, however their sets are numbered.
func sameSeers(a, b *Mosaic) bool {
	x, y := a.sets.names, b.sets.names
	return slices.EqualFunc(a.seenBy, b.seenBy, func(i, j uint16) bool { return slices.Equal(x[i], y[j]) })
}

func configs() (list []Config) {
	for _, heights := range []string{Lowest, Band, Column, CAPPI} {
		for _, combine := range []string{Highest, Nearest, Weighted} {
			cfg := DefaultConfig()
			cfg.Heights, cfg.Combine, cfg.CAPPIM = heights, combine, 1500
			list = append(list, cfg)
		}
	}
	return list
}

var someMinutes = []string{
	"addison.tx-20170329-073535.netcdf.gz", "cleburne.tx-20170329-073602.netcdf.gz", "addison.tx-20170329-073634.netcdf.gz",
	"denton.tx-20170329-073627.netcdf.gz", "addison.tx-20170329-073732.netcdf.gz", "cleburne.tx-20170329-073802.netcdf.gz",
	"denton.tx-20170329-073801.netcdf.gz", "cleburne.tx-20170329-073826.netcdf.gz", "denton.tx-20170329-073827.netcdf.gz",
	"addison.tx-20170329-073831.netcdf.gz",
}

// cleaned gives files of CASA with what rain took given back, and how far that is to be trusted.
func cleaned(t *testing.T, names ...string) []*radar.Scan {
	t.Helper()
	scans := quality.DefaultConfig().CleanAll(decoded(t, "casa-20170329", names...))
	if !slices.ContainsFunc(scans, func(s *radar.Scan) bool { return s.Sweeps[0].Moment(radar.QIND) != nil }) {
		t.Fatal("nothing is trusted less than all")
	}
	return scans
}

// TestTheOrderOfFilesDoesNotMatter shuffles three radars' files of three minutes.
func TestTheOrderOfFilesDoesNotMatter(t *testing.T) {
	racing.Skip(t, "what is made at once is watched in others")
	scans := cleaned(t, someMinutes...)
	at := scans[len(scans)-1].Start
	for _, cfg := range configs() {
		want, err := Make(scans, dfw, at, cfg, motionOf(dfw, 2, -1))
		if err != nil {
			t.Fatal(err)
		}
		shuffled := slices.Clone(scans)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got, err := Make(shuffled, dfw, at, cfg, motionOf(dfw, 2, -1))
		if err != nil || !same(got, want) {
			t.Errorf("%s, %s: another order of files gives another mosaic, %v", cfg.Heights, cfg.Combine, err)
		}
	}
}

// TestLiveIsAsMadeAtOnce adds file after file, also one that comes late, and lets radars fall silent.
func TestLiveIsAsMadeAtOnce(t *testing.T) {
	racing.Skip(t, "what is made at once is watched in others")
	scans := cleaned(t, someMinutes...)
	const keep = 90 * time.Second
	late := slices.Clone(scans)
	late[4], late[8] = late[8], late[4]
	for _, cfg := range configs() {
		live, err := NewLive(dfw, cfg, keep)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Time{}
		for i, scan := range late {
			if scan.Start.After(at) {
				at = scan.Start
			}
			got, err := live.Update(at, scan)
			if err != nil {
				t.Fatal(err)
			}
			fresh := slices.DeleteFunc(slices.Clone(late[:i+1]), func(s *radar.Scan) bool { return at.Sub(s.Start) > keep })
			if want, err := Make(fresh, dfw, at, cfg, nil); err != nil || !same(got, want) {
				t.Fatalf("%s, %s: after %d files live is not as made at once, %v", cfg.Heights, cfg.Combine, i+1, err)
			}
		}
		if got, err := live.Update(at.Add(time.Hour)); err != nil || len(got.Radars) != 0 || slices.ContainsFunc(got.seenBy, func(set uint16) bool { return set != nobody }) {
			t.Errorf("an hour later %v are seen, %v; want none", got.Names(), err)
		}
	}
}

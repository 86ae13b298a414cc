package source

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTimeInName(t *testing.T) {
	for name, want := range map[string]string{
		"addison.tx-20170329-071008.netcdf.gz": "2017-03-29T07:10:08Z",
		"KHTX20080411_182639_V06":              "2008-04-11T18:26:39Z",
		"KTLX19990503_235621.gz":               "1999-05-03T23:56:21Z",
		"x-20179999-071008-20170329-071008.nc": "2017-03-29T07:10:08Z", // the first is no date
		"x-20170329-256199.nc":                 "",
		"places.yaml":                          "",
	} {
		got, found := TimeInName(name)
		if found != (want != "") || found && got.Format(time.RFC3339) != want {
			t.Errorf("%s: got %s, %v; want %q", name, got, found, want)
		}
	}
}

func TestIdentityTellsVersionsOfAFileApart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.nc")
	identity := func(text string, at time.Time) string {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return OnDisk(path, info, 1).Identity
	}
	at := time.Date(2026, 5, 1, 18, 0, 0, 0, time.UTC)
	first := identity("one", at)
	if again := identity("two", at); again != first {
		t.Errorf("%q and %q: want path, size and time to be all that counts", first, again)
	}
	if longer, later := identity("three", at), identity("one", at.Add(time.Millisecond)); longer == first || later == first {
		t.Errorf("another size gave %q, another time %q", longer, later)
	}
}

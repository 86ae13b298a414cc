// Package cmd_test holds the plan of the house: who may import whom.
package cmd_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = ".."

var stages = []string{"ingest", "dispatcher", "processors", "alerts"}

// calculations may not touch the outside world.
var calculations = []string{
	"processors/quality", "processors/mosaic", "processors/motion", "processors/nowcast", "processors/probability", "processors/contour", "processors/picture",
	"ingest/summary", "dispatcher/weather", "dispatcher/demand", "dispatcher/placement", "dispatcher/simulate", "dispatcher/turn", "dispatcher/budget", "alerts/match", "alerts/place", "alerts/episode",
	"internal/radar", "internal/grid", "internal/storm",
}

var outside = []string{"os", "net", "net/http", "bowecho/internal/stream", "bowecho/internal/ncfile"}

// imports gives, for each package folder, what its files outside of tests import.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 2) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		folder = filepath.ToSlash(folder)
		if _, there := found[folder]; !there {
			found[folder] = nil // though it import nothing
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[folder] = append(found[folder], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 20 {
		t.Fatalf("only %d packages found: is this the repository?", len(found))
	}
	return found
}

func stageOf(folder string) string {
	top, _, _ := strings.Cut(folder, "/")
	if slices.Contains(stages, top) {
		return top
	}
	return ""
}

func TestWhoImportsWhom(t *testing.T) {
	for folder, names := range imports(t) {
		for _, name := range names {
			other, ours := strings.CutPrefix(name, "bowecho/")
			if !ours {
				continue
			}
			from, to := stageOf(folder), stageOf(other)
			switch {
			case from != "" && to != "" && from != to:
				t.Errorf("%s imports %s: stages meet in internal/event only", folder, other)
			case strings.HasPrefix(folder, "internal/") && to != "":
				t.Errorf("%s imports %s: internal knows no stage", folder, other)
			case from != "" && folder != from && other == from:
				t.Errorf("%s imports its stage's root", folder)
			case strings.HasPrefix(other, "cmd/"):
				t.Errorf("%s imports %s: nothing imports a command", folder, other)
			case folder == "internal/radar":
				t.Errorf("internal/radar imports %s, want nothing of ours", other)
			}
		}
	}
}

func TestCalculationsTouchNothing(t *testing.T) {
	all := imports(t)
	for _, folder := range calculations {
		names, there := all[folder]
		if !there {
			t.Errorf("%s is not there; has it been renamed?", folder)
		}
		for _, name := range names {
			if slices.Contains(outside, name) {
				t.Errorf("%s imports %s: a calculation has no input or output", folder, name)
			}
		}
	}
}

func TestOneDoorToEachLibrary(t *testing.T) {
	doors := map[string]string{"github.com/fhs/go-netcdf": "internal/ncfile", "github.com/twpayne/go-geos": "internal/polygon"}
	for folder, names := range imports(t) {
		for _, name := range names {
			for library, door := range doors {
				if strings.HasPrefix(name, library) && folder != door {
					t.Errorf("%s imports %s, whose one door is %s", folder, name, door)
				}
			}
		}
	}
}

// TestDocsNameWhatIsThere checks every path that the documents name in backquotes.
func TestDocsNameWhatIsThere(t *testing.T) {
	path := regexp.MustCompile("`((?:cmd|ingest|dispatcher|processors|alerts|internal|deploy|testdata|\\.ci)/[A-Za-z0-9_./-]*)`")
	for _, doc := range []string{"README.md", "ARCHITECTURE.md"} {
		text, err := os.ReadFile(filepath.Join(root, doc))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range path.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s names %s, which is not there", doc, m[1])
			}
		}
	}
}

// TestPackagesHaveACaption checks that each package begins with a sentence on what it is.
func TestPackagesHaveACaption(t *testing.T) {
	for folder := range imports(t) {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, hasCaption) {
			t.Errorf("%s has no package comment", folder)
		}
	}
}

func hasCaption(file string) bool {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
	return err == nil && parsed.Doc != nil
}

package main

import (
	"crypto/sha256"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bowecho/internal/nomadtest"
	"bowecho/internal/racing"
	"bowecho/internal/realdata"
)

// TestTheSameProgramGivesTheSameImage packs the image of `make image` again, elsewhere and later.
func TestTheSameProgramGivesTheSameImage(t *testing.T) {
	racing.Skip(t, "it is of a built program")
	program, image := makeImage(t)
	out := filepath.Join(t.TempDir(), "elsewhere")
	made, err := exec.Command(filepath.Join(realdata.Repository(t), "deploy", "image", "build.sh"), program, "1.4", "abc", out).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, made)
	}
	again := filepath.Join(t.TempDir(), "again")
	if made, err = exec.Command(filepath.Join(realdata.Repository(t), "deploy", "image", "build.sh"), program, "1.4", "abc", again).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, made)
	}
	if hashOf(t, filepath.Join(out, "bowecho.tar")) != hashOf(t, filepath.Join(again, "bowecho.tar")) {
		t.Error("the same program gave two images")
	}
	if layerOf(t, image) != layerOf(t, filepath.Join(out, "bowecho.tar")) {
		t.Error("the same program gave two layers")
	}
}

func hashOf(t *testing.T, path string) [sha256.Size]byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(data)
}

func layerOf(t *testing.T, image string) [sha256.Size]byte {
	t.Helper()
	layer, err := exec.Command("tar", "-xOf", image, "layer.tar").Output()
	if err != nil {
		t.Fatal(err)
	}
	return sha256.Sum256(layer)
}

// TestTheImageIsTheProgram runs the image as the command line, as nobody, and looks at what it says of itself.
func TestTheImageIsTheProgram(t *testing.T) {
	racing.Skip(t, "it is of a built program")
	program, image := makeImage(t)
	docker := nomadtest.StartDocker(t)
	docker.Load(t, image)
	said, err := exec.Command(program, "--version").Output()
	version := strings.Fields(string(said))
	if err != nil || len(version) != 3 {
		t.Fatalf("bowecho --version: %s, %v", said, err)
	}
	name := "bowecho:" + version[2]
	var about []struct {
		Config struct {
			User   string
			Labels map[string]string
		}
	}
	if err := json.Unmarshal(docker.Do(t, "inspect", name), &about); err != nil || len(about) != 1 {
		t.Fatalf("%d images, %v", len(about), err)
	}
	if c := about[0].Config; c.User != "65534:65534" || c.Labels["org.opencontainers.image.version"] != version[2] || c.Labels["org.opencontainers.image.revision"] == "" {
		t.Errorf("the image is %+v; want another user than root, and its release", c)
	}
	file := realFiles(t)[0]
	args := []string{"scan", "--json", "/in/" + filepath.Base(file)}
	boxed := docker.Do(t, append([]string{"run", "--rm", "--network", "none", "--read-only", "-v", filepath.Dir(file) + ":/in:ro", name}, args...)...)
	plain, _, _ := output(t, "scan", "--json", file)
	if string(boxed) != string(plain) {
		t.Errorf("in a container a scan is\n%s\nand else\n%s", boxed, plain)
	}
}

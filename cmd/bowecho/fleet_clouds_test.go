package main

import (
	"encoding/json"
	"strings"
	"testing"

	"bowecho/internal/event"
)

// TestFleetCloudsTellsHowTheyStand runs a little of the storm, and asks the stopped program's data.
func TestFleetCloudsTellsHowTheyStand(t *testing.T) {
	files, data, config := t.TempDir(), t.TempDir(), smallConfig(t)
	simulatedFiles(t, files, 2)
	run(t, "run", "--quiet", "-c", config, "--data", data, "--source", "folder:"+files, "--until-idle")
	out, code, stderr := output(t, "fleet", "clouds", "-c", config, "--data", data, "--json")
	var clouds []cloudNow
	if err := json.Unmarshal(out, &clouds); err != nil || code != 0 || len(clouds) != 1 {
		t.Fatalf("%s, exit code %d, %v: %s", out, code, err, stderr)
	}
	c := clouds[0]
	if _, told := c.Chains["mosaic"]; c.Cloud != "here" || c.State != event.CloudUp || c.Since.IsZero() || !told {
		t.Errorf("%+v; want that this machine is up, and what it has of mosaics", c)
	}
	out, code, stderr = output(t, "fleet", "clouds", "-c", config, "--data", data)
	if code != 0 || !strings.Contains(string(out), "here") || !strings.Contains(string(out), "mosaic") {
		t.Errorf("%s, exit code %d: %s", out, code, stderr)
	}
}

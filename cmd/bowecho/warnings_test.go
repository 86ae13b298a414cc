package main

import (
	"encoding/json"
	"strings"
	"testing"

	"bowecho/ingest/warning"
)

const capFile = `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>KFWD.1</identifier><sent>2026-05-01T18:00:00-05:00</sent>
<status>Actual</status><msgType>Alert</msgType><info><event>Tornado Warning</event><expires>2026-05-01T18:45:00-05:00</expires></info></alert>`

func TestWarningsOfAFile(t *testing.T) {
	path := writeFile(t, t.TempDir(), "KFWD.xml", []byte(capFile))
	stdout, code, stderr := output(t, "warnings", path)
	if code != 0 || !strings.Contains(string(stdout), "CAP, messages: 1 warnings") || !strings.Contains(string(stdout), "Tornado Warning  Actual") {
		t.Errorf("exit code %d, %s%s", code, stdout, stderr)
	}
	stdout, code, _ = output(t, "warnings", "--json", path)
	var b warning.Bulletin
	if err := json.Unmarshal(stdout, &b); err != nil || code != 0 || len(b.Warnings) != 1 || b.Warnings[0].File != "KFWD.xml" {
		t.Errorf("exit code %d, %v, %+v", code, err, b)
	}
	if _, code, stderr := output(t, "warnings", writeFile(t, t.TempDir(), "a.json", []byte(`{"a": 1}`))); code != exitFailed || !strings.Contains(stderr, "no warnings") {
		t.Errorf("exit code %d, %s; want %d and why", code, stderr, exitFailed)
	}
}

package sounding

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"math"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// maxBytes bounds a file, minLevels what is a profile. An ascent of one level a second has 8,000.
const (
	maxBytes  = 4 << 20
	minLevels = 5
)

// Decode reads a profile: the University of Wyoming's list as text or as a web page, with or without its head; the
// Storm Prediction Center's format (%RAW% to %END%); or CSV with a row of names, as RAOB's program and the University's
// newer service write it. Errors name the file and what is wrong with it.
func Decode(name string, data []byte) (*Profile, error) {
	p, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Base(name), err)
	}
	return p, nil
}

func decode(data []byte) (*Profile, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("the file is empty")
	}
	if len(data) > maxBytes {
		return nil, fmt.Errorf("more than %d MiB, which no sounding is", maxBytes>>20)
	}
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("not text, want a sounding as text, web page or CSV")
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	if looksLikePage(text) {
		text = html.UnescapeString(tags.ReplaceAllString(text, ""))
	}
	lines := strings.Split(text, "\n")
	p := &Profile{}
	if head, columns := findColumns(lines); columns != nil {
		if err := p.readCSV(lines, head, columns); err != nil {
			return nil, err
		}
	} else {
		p.readList(lines)
	}
	if p.Levels = tidy(p.Levels); len(p.Levels) < minLevels {
		return nil, fmt.Errorf("%d levels with height and temperature, want at least %d; is it a sounding (pressure, height, temperature, dewpoint)?", len(p.Levels), minLevels)
	}
	return p, nil
}

var tags = regexp.MustCompile(`(?s)<!--.*?-->|</?[A-Za-z!][^<>]*>`)

func looksLikePage(text string) bool {
	head := strings.ToLower(text[:min(len(text), 2000)])
	return strings.Contains(head, "<html") || strings.Contains(head, "<pre")
}

// Where and when, in the ways in use: the web page's title, its station block, and the line after %TITLE%.
var (
	title       = regexp.MustCompile(`^\s*(?:\d{5}\s+)?(\S+)\s.*Observations at (\d\d)Z (\d\d? \w{3} \d{4})`)
	stationLine = regexp.MustCompile(`Station identifier:\s*(\S+)`)
	timeLine    = regexp.MustCompile(`Observation time:\s*(\d{6}/\d{4})`)
	spcTitle    = regexp.MustCompile(`^\s*(\w{3,5})\s+(\d{6}/\d{4})`)
)

// readList reads lines of levels, and takes what else is said.
func (p *Profile) readList(lines []string) {
	for _, line := range lines {
		if l, ok := readLevel(line); ok {
			p.Levels = append(p.Levels, l)
			continue
		}
		if m := title.FindStringSubmatch(line); m != nil {
			p.Station = m[1]
			p.Time, _ = time.Parse("2 Jan 2006 15", m[3]+" "+m[2])
		}
		if m := stationLine.FindStringSubmatch(line); m != nil && p.Station == "" {
			p.Station = m[1]
		}
		if m := timeLine.FindStringSubmatch(line); m != nil {
			p.Time, _ = time.Parse("060102/1504", m[1])
		}
		if m := spcTitle.FindStringSubmatch(line); m != nil {
			p.Station = m[1]
			p.Time, _ = time.Parse("060102/1504", m[2])
		}
		if len(p.Levels) > 0 && strings.Contains(line, "Observations at") { // a page of several ascents: the first one
			return
		}
	}
}

// columnWidth is that of the University's lists, in which what was not measured is left blank.
const columnWidth = 7

// readLevel reads a line of pressure, height, temperature and dewpoint, in columns of a width or with commas between.
func readLevel(line string) (l Level, ok bool) {
	var fields []string
	if strings.Contains(line, ",") {
		fields = strings.Split(line, ",")
	} else {
		for rest := line; rest != "" && len(fields) < 4; rest = rest[min(len(rest), columnWidth):] {
			fields = append(fields, rest[:min(len(rest), columnWidth)])
		}
	}
	numbers := [4]float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	for i, field := range fields[:min(len(fields), 4)] {
		if field = strings.TrimSpace(field); field == "" {
			continue
		}
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return l, false
		}
		numbers[i] = n
	}
	l = Level{numbers[0], numbers[1], numbers[2], numbers[3]}
	return l, l.PressureHPa == l.PressureHPa && l.AboveSeaM == l.AboveSeaM
}

package portal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/portal/web"
	"bowecho/internal/racing"
	"bowecho/internal/stream/streamtest"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser starts Chromium, or skips the test where there is none or where the page has not been built.
func browser(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path, missing := exec.LookPath("chromium")
	if _, err := web.Files().Open("index.html"); err != nil {
		missing = fmt.Errorf("the page has not been built: run make web: %w", err)
	}
	if missing != nil && os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	if missing != nil {
		t.Skip(missing)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1440, 900))
	options = append(options, more...)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	tab, stopTab := chromedp.NewContext(allocator)
	t.Cleanup(stopTab)
	ctx, cancel := context.WithTimeout(tab, 8*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// complaints collects what the console says and what is asked of other hosts.
type complaints struct {
	mu   sync.Mutex
	list []string
}

func (c *complaints) add(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, fmt.Sprintf(format, args...))
}

func listen(ctx context.Context, t *testing.T, host string) *complaints {
	t.Helper()
	c := &complaints{}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	console, thrown, requests := chromedp.Events(ctx, runtime.ConsoleAPICalled), chromedp.Events(ctx, runtime.ExceptionThrown), chromedp.Events(ctx, network.RequestWillBeSent)
	go func() {
		for e, err := range console {
			if err == nil && (e.Type == "error" || e.Type == "warning") {
				c.add("console %s: %v", e.Type, e.Args)
			}
		}
	}()
	go func() {
		for e, err := range thrown {
			if err == nil {
				c.add("exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
			}
		}
	}()
	go func() {
		for e, err := range requests {
			if err != nil {
				continue
			}
			if u, err := url.Parse(e.Request.URL); err != nil || (u.Host != host && u.Scheme != "data" && u.Scheme != "blob") {
				c.add("request to %s", e.Request.URL)
			}
		}
	}()
	return c
}

func evaluate[T any](ctx context.Context, t *testing.T, js string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// shows waits until an expression holds in the page.
func shows(ctx context.Context, t *testing.T, js string) {
	t.Helper()
	until(t, js, func() bool { return evaluate[bool](ctx, t, js) })
}

// shoot saves a screenshot where SCREENSHOTS says, or in the test's own folder.
func shoot(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	data, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	if len(data) < 50_000 {
		t.Errorf("screenshot %s has %d bytes: is the page empty?", name, len(data))
	}
}

const idle = `document.documentElement.dataset.map === 'idle'`

// resettle forgets that the map was idle and waits until it is again.
func resettle(ctx context.Context, t *testing.T, js string) {
	t.Helper()
	evaluate[chromedp.Void](ctx, t, `void (delete document.documentElement.dataset.map)`)
	evaluate[chromedp.Void](ctx, t, "void ("+js+")")
	shows(ctx, t, idle)
}

func resize(ctx context.Context, t *testing.T, width, height int64) {
	t.Helper()
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// prefer makes the browser say that its owner likes a colour scheme.
func prefer(ctx context.Context, t *testing.T, scheme string) {
	t.Helper()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPage(t *testing.T) {
	racing.Skip(t, "the browser is not watched, and the server is in others")
	ctx := browser(t)
	client := streamtest.Connect(t)
	storm := newStorm(t, client)
	base := open(t, client)
	address, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	wrong := listen(ctx, t, address.Host)

	resize(ctx, t, 1440, 900)
	prefer(ctx, t, "dark")
	if err := chromedp.Do(ctx, chromedp.Navigate(base)); err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, idle)
	shows(ctx, t, `document.getElementById('empty-title').textContent === 'No data yet'`)
	shoot(ctx, t, "empty-dark")

	storm.whole() // told by events only
	shows(ctx, t, `document.querySelectorAll('.radar').length === 3 && document.querySelectorAll('.alert').length === 3`)
	shows(ctx, t, `document.querySelectorAll('.place').length === 4 && document.querySelectorAll('.spark-step').length === 3`)
	shows(ctx, t, `document.querySelectorAll('.node').length === 5 && document.querySelectorAll('.node[data-open]').length === 4`)
	shows(ctx, t, `document.getElementById('pill').textContent === 'Convective'`)
	shows(ctx, t, `document.getElementById('shown-time').textContent === '07:31Z' && document.getElementById('slider').max === '60'`)
	// On a slow machine the other radars grow old, too, while the page is built.
	if got := evaluate[string](ctx, t, `[...document.querySelectorAll('.radar')].find(r => r.querySelector('b').textContent === 'denton.tx').dataset.state`); got == "ok" {
		t.Errorf("denton.tx: %q, want late", got)
	}
	resettle(ctx, t, `document.getElementById('latest').click()`)
	shoot(ctx, t, "storm-dark")

	resettle(ctx, t, `(s => { s.value = 45; s.dispatchEvent(new Event('input', {bubbles: true})); })(document.getElementById('slider'))`)
	if got := evaluate[string](ctx, t, `document.querySelector('.shown').textContent`); got != "nowcast +15 min07:46Z" {
		t.Errorf("shown: %q, want the nowcast of 15 minutes", got)
	}
	shoot(ctx, t, "nowcast-dark")
	resettle(ctx, t, `document.getElementById('theme').click()`)
	shoot(ctx, t, "nowcast-light")
	resettle(ctx, t, `document.getElementById('latest').click()`)
	shoot(ctx, t, "storm-light")

	storm.notice("Plano East High", event.Start, "45 dBZ <b>1 km</b> W, reaching Plano East High in 2 min", 2, 0)
	shows(ctx, t, `document.querySelector('.alert b').textContent === 'Plano East High'`)
	if n := evaluate[int](ctx, t, `document.querySelectorAll('.alert p b').length`); n != 0 {
		t.Error("the text of a notice became an element of the page")
	}
	evaluate[chromedp.Void](ctx, t, `void document.getElementById('play').click()`)
	shows(ctx, t, `Number(document.getElementById('slider').value) > 32`)
	evaluate[chromedp.Void](ctx, t, `void document.getElementById('play').click()`)
	addPlace(ctx, t)

	// Loaded anew, the page knows the same.
	if err := chromedp.Do(ctx, chromedp.Navigate(base)); err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, idle)
	shows(ctx, t, `document.querySelectorAll('.place').length === 5 && document.querySelectorAll('.alert').length === 4`)
	resize(ctx, t, 390, 844)
	resettle(ctx, t, `(document.getElementById('theme').click(), document.getElementById('latest').click(), scrollTo(0, 0))`)
	shoot(ctx, t, "phone-dark")
	if wide := evaluate[int](ctx, t, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("on a phone the page is %d pixels wide, want 390", wide)
	}
	wrong.mu.Lock()
	defer wrong.mu.Unlock()
	// Pixels of the headless browser come from software, which says so.
	list := slices.DeleteFunc(wrong.list, func(s string) bool { return strings.Contains(s, "GPU stall due to ReadPixels") })
	if len(list) > 0 {
		t.Errorf("the page complained:\n%s", strings.Join(list, "\n"))
	}
}

// TestThePanelDoesWithoutAMap has a browser that cannot draw maps.
func TestThePanelDoesWithoutAMap(t *testing.T) {
	racing.Skip(t, "the browser is not watched, and the server is in others")
	ctx := browser(t, chromedp.Flag("disable-3d-apis", true))
	client := streamtest.Connect(t)
	newStorm(t, client).whole()
	if err := chromedp.Do(ctx, chromedp.Navigate(open(t, client))); err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, `document.getElementById('pill').textContent === 'Convective' && Boolean(document.querySelector('.triggers'))`)
	shows(ctx, t, `document.getElementById('empty-title').textContent === 'The map cannot be drawn' && !document.getElementById('empty').hidden`)
	if err := chromedp.Do(ctx, chromedp.Sleep(time.Second)); err != nil { // the clock ticks, and says what there is to say
		t.Fatal(err)
	}
	shows(ctx, t, `document.getElementById('empty-title').textContent === 'The map cannot be drawn' && !document.getElementById('empty').hidden`)
	shoot(ctx, t, "no-map")
}

// TestChancesAndCells has chances beside reflectivity, and asks the map what is there.
func TestChancesAndCells(t *testing.T) {
	racing.Skip(t, "the browser is not watched, and the server is in others")
	ctx := browser(t)
	client := streamtest.Connect(t)
	storm := newStorm(t, client)
	storm.issue(0, leads)
	base := open(t, client)
	resize(ctx, t, 1440, 900)
	prefer(ctx, t, "light")
	if err := chromedp.Do(ctx, chromedp.Navigate(base)); err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, idle)
	shows(ctx, t, `document.getElementById('slider').max === '30'`)
	seeChances(ctx, t, storm)
	seeACell(ctx, t, storm, base)
}

// seeChances chooses the chance of 35 dBZ, half an hour ahead, and goes back to reflectivity.
func seeChances(ctx context.Context, t *testing.T, storm *storm) {
	t.Helper()
	if evaluate[bool](ctx, t, `getComputedStyle(document.querySelector('.product')).display !== 'none'`) {
		t.Error("one product is there, and a choice")
	}
	storm.chances()
	shows(ctx, t, `[...document.getElementById('product').options].map((o) => o.textContent).join() === 'Reflectivity,Chance of 35 dBZ'`)
	if got := evaluate[string](ctx, t, `document.getElementById('product').value`); got != "reflectivity" {
		t.Errorf("%q is shown once chances are there, too; want reflectivity still", got)
	}
	choose := `((e, v) => { e.value = v; e.dispatchEvent(new Event('change', {bubbles: true})); })(document.getElementById('product'), '%s')`
	resettle(ctx, t, fmt.Sprintf(choose, "probability_35"))
	shows(ctx, t, `document.querySelector('.legend').getAttribute('aria-label') === 'Colours from 10 to 90 %'`)
	resettle(ctx, t, `(s => { s.value = 20; s.dispatchEvent(new Event('input', {bubbles: true})); })(document.getElementById('slider'))`)
	shows(ctx, t, `document.querySelector('.shown').textContent === 'chance +20 min07:51Z'`)
	shoot(ctx, t, "chance-light")
	resettle(ctx, t, fmt.Sprintf(choose, "reflectivity"))
	shows(ctx, t, `document.querySelector('.legend').getAttribute('aria-label') === 'Colours from 5 to 70 dBZ'`)
}

// seeACell clicks on the map.
func seeACell(ctx context.Context, t *testing.T, storm *storm, base string) {
	t.Helper()
	storm.mosaic()
	until(t, "a cell", func() bool {
		status, _, _ := get(t, base+"/v1/cells/dfw?lon=-97&lat=32.85")
		return status == http.StatusOK
	})
	if err := chromedp.Do(ctx, chromedp.MouseClickXY(520, 420)); err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, `Boolean(document.querySelector('.cell')?.textContent.includes('Radars here: addison.tx, denton.tx'))`)
	shows(ctx, t, `document.querySelector('.cell').textContent.includes('07:31Z, seen 15 s before') && document.querySelector('.cell').textContent.includes('cleburne.tx missing')`)
	shoot(ctx, t, "cell-light")
}

func addPlace(ctx context.Context, t *testing.T) {
	t.Helper()
	evaluate[chromedp.Void](ctx, t, `void (document.getElementById('add').open = true)`)
	err := chromedp.Do(ctx,
		chromedp.SetValue(chromedp.CSS("[name=name]"), "Fair Park"), chromedp.SetValue(chromedp.CSS("[name=lon]"), "-96.76"), chromedp.SetValue(chromedp.CSS("[name=lat]"), "32.78"),
		chromedp.Click(chromedp.CSS(".primary")))
	if err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, `[...document.querySelectorAll('.place .plain')].some((b) => b.textContent === 'Fair Park')`)
}

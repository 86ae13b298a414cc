package portal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bowecho/internal/event"
	"bowecho/internal/racing"
	"bowecho/internal/stream/streamtest"

	"github.com/chromedp/chromedp"
)

// TestCostAndExplanationsOnThePage spends a budget before the page's eyes, and asks why.
func TestCostAndExplanationsOnThePage(t *testing.T) {
	racing.Skip(t, "the browser is not watched, and the server is in others")
	ctx := browser(t)
	client := streamtest.Connect(t)
	storm := newStorm(t, client)
	storm.whole()
	spend(t, client, spent(4))
	base := open(t, client)
	wrong := listen(ctx, t, strings.TrimPrefix(base, "http://"))
	t.Cleanup(func() {
		wrong.mu.Lock()
		defer wrong.mu.Unlock()
		for _, s := range wrong.list {
			if !strings.Contains(s, "GPU stall due to ReadPixels") {
				t.Error(s)
			}
		}
	})
	resize(ctx, t, 1440, 900)
	prefer(ctx, t, "dark")
	if err := chromedp.Do(ctx, chromedp.Navigate(base)); err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, `document.querySelector('.costs')?.textContent === '4of 10 spent0.25an hour now7forecast'`)
	shows(ctx, t, `document.querySelectorAll('.cloud').length === 2 && document.querySelector('.spent') === null`)

	spend(t, client, spent(11, "picture"))
	for n, percent := range []int{80, 100} {
		storm.decision(event.Budget, "all", fmt.Sprintf("%d%%", percent), "", fmt.Sprintf("%d %% of 10 are spent", percent), time.Duration(2-n)*time.Minute,
			map[string]any{"limit": 10, "spent": percent / 10, "period": "day"})
	}
	shows(ctx, t, `(document.querySelector('.spent')?.textContent ?? '').includes('nothing is ordered of picture')`)
	shows(ctx, t, `document.querySelector('.entry .plain')?.textContent === 'Budget all'`)
	evaluate[chromedp.Void](ctx, t, `void document.getElementById('h-cost').scrollIntoView()`)
	shoot(ctx, t, "cost-dark")

	evaluate[chromedp.Void](ctx, t, `void document.querySelector('.entry .plain').click()`)
	shows(ctx, t, `document.getElementById('explain').open && document.querySelectorAll('#explain dt').length === 3`)
	text := evaluate[string](ctx, t, `document.getElementById('explain').textContent`)
	for _, want := range []string{"The budget is spent to 100%", "100 % of 10 are spent", "limit", "What led to it", "The budget is spent to 80%"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %q", want, text)
		}
	}
	shoot(ctx, t, "explain-dark")
	evaluate[chromedp.Void](ctx, t, `void document.querySelector('#explain .steps .plain').click()`)
	shows(ctx, t, `document.getElementById('explain-title').textContent.endsWith('80%')`)
	evaluate[chromedp.Void](ctx, t, `void document.getElementById('explain-close').click()`)
	shows(ctx, t, `!document.getElementById('explain').open`)

	resize(ctx, t, 390, 844)
	evaluate[chromedp.Void](ctx, t, `void (document.getElementById('theme').click(), document.querySelector('.entry .plain').click())`)
	shows(ctx, t, `document.querySelectorAll('#explain dt').length === 3`)
	shoot(ctx, t, "explain-phone-light")
	evaluate[chromedp.Void](ctx, t, `void (document.getElementById('explain-close').click(), document.getElementById('h-cost').scrollIntoView())`)
	shoot(ctx, t, "cost-phone-light")
	if wide := evaluate[int](ctx, t, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("on a phone the page is %d pixels wide, want 390", wide)
	}
}

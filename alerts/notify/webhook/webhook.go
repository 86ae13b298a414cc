// Package webhook posts notices as JSON to a URL.
package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"bowecho/alerts/notify"
	"bowecho/internal/event"
)

const (
	timeout     = 10 * time.Second
	answerBytes = 64 << 10 // as much of an answer is read
	toldBytes   = 200      // and as much of it told when it is a refusal
)

// Webhook is one URL. The operator names it, so that it may also be on this machine.
type Webhook struct {
	url    *url.URL
	client *http.Client
}

// New checks the URL and does not connect.
func New(address string) (*Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("url %q, want http://… or https://…", address)
	}
	return &Webhook{u, &http.Client{
		Timeout: timeout,
		// A redirect would carry the notice to where the operator did not send it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Notify posts a notice and returns when the answer is 2xx. The id goes along as Idempotency-Key, the same each time.
// Errors name the host only, since URLs often hold a secret.
func (w *Webhook) Notify(ctx context.Context, n *event.Notice) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", n.ID)
	request.Header.Set("User-Agent", "bowecho")
	response, err := w.client.Do(request)
	if err != nil {
		if inner := (*url.Error)(nil); errors.As(err, &inner) {
			err = inner.Err
		}
		return fmt.Errorf("post to %s: %w", w.url.Host, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerBytes))
	if response.StatusCode/100 == 2 {
		return nil // taken, whatever became of the rest of the answer
	}
	if err != nil {
		answer = nil
	}
	return w.refusal(response.StatusCode, answer)
}

// refusal tells what the answer was, and whether it is likely to stay so.
func (w *Webhook) refusal(status int, answer []byte) error {
	err := fmt.Errorf("post to %s: answer %d %s: %q", w.url.Host, status, http.StatusText(status), answer[:min(len(answer), toldBytes)])
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return err
	}
	if status/100 == 4 {
		return fmt.Errorf("%w: %w", notify.ErrRefused, err)
	}
	return err
}

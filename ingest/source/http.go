package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// NewHTTPClient gives a client for servers that may be slow or gone: whole files may take minutes, answers may not.
func NewHTTPClient() *http.Client {
	return &http.Client{Timeout: 5 * time.Minute, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		ResponseHeaderTimeout: 30 * time.Second, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute,
		DisableCompression: true, // a packed file is to come as it is
	}}
}

// Get asks for a URL and says who asks, which some servers insist on.
func Get(ctx context.Context, client *http.Client, at *url.URL, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header = header
	request.Header.Set("User-Agent", "bowecho")
	return client.Do(request)
}

// Place gives a URL as it may be told: without a query or a password, which may be secret.
func Place(at *url.URL) string {
	return (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: at.Path}).String()
}

// Page is what lies at a URL and changes in time, and how to ask whether it has.
type Page struct{ tag, modified string }

// ErrSame says that a page is as it was when it was last fetched.
var ErrSame = errors.New("not changed")

// Fetch gives a page of up to most bytes and where it came from in the end, or ErrSame.
func (p *Page) Fetch(ctx context.Context, client *http.Client, at *url.URL, most int64) (body []byte, from *url.URL, err error) {
	header := http.Header{}
	if p.tag != "" {
		header.Set("If-None-Match", p.tag)
	}
	if p.modified != "" {
		header.Set("If-Modified-Since", p.modified)
	}
	response, err := Get(ctx, client, at, header)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err
		}
		return nil, nil, fmt.Errorf("%s: %w", Place(at), err)
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotModified:
		return nil, nil, ErrSame
	case response.StatusCode != http.StatusOK:
		return nil, nil, fmt.Errorf("%s: %s", Place(at), response.Status)
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, most+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%s: %w", Place(at), err)
	case int64(len(body)) > most:
		return nil, nil, fmt.Errorf("%s: more than %d MiB", Place(at), most>>20)
	}
	p.tag, p.modified = response.Header.Get("ETag"), response.Header.Get("Last-Modified")
	return body, response.Request.URL, nil
}

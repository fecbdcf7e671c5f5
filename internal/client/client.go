// Package client speaks the web API of a Gozer server.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAnswer bounds a JSON answer.
const maxAnswer = 256 << 20

// Client is a server and who talks to it. It may be used from many goroutines.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// New returns a client for the server at base, such as http://127.0.0.1:9000.
// The token may be empty: then only reading is possible.
func New(base, token string) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(base, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("server %q is not a URL such as http://127.0.0.1:9000", base)
	}
	// Streams last as long as builds; only the wait for headers is bounded.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = time.Minute
	return &Client{base: u, token: token, http: &http.Client{Transport: transport, CheckRedirect: sameHost}}, nil
}

// sameHost keeps the token from being carried elsewhere.
func sameHost(r *http.Request, via []*http.Request) error {
	if len(via) > 5 || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
		return fmt.Errorf("server redirects to %s; give that URL instead", r.URL)
	}
	return nil
}

// URL is the server's, without a trailing slash.
func (c *Client) URL() string { return c.base.String() }

// Path joins segments to a path of the API, each escaped.
func Path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteString("/" + url.PathEscape(s))
	}
	return b.String()
}

// Get reads a JSON document. The error is an *Error when the server refuses.
func (c *Client) Get(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	return c.document(ctx, http.MethodGet, path, query, nil)
}

// Post sends a JSON document and reads one. The error is an *Error when the
// server refuses.
func (c *Client) Post(ctx context.Context, path string, body any) (json.RawMessage, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	return c.document(ctx, http.MethodPost, path, nil, data)
}

func (c *Client) document(ctx context.Context, method, path string, query url.Values, body []byte) (json.RawMessage, error) {
	resp, err := c.do(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, &Error{Server: c.URL(), Detail: "the answer broke off: " + err.Error(), Unreachable: true}
	}
	if !json.Valid(data) {
		return nil, &Error{Server: c.URL(), Status: resp.StatusCode, Detail: "the answer is not JSON; is this a Gozer server?"}
	}
	return data, nil
}

// do sends a request; an answer without success becomes an *Error.
func (c *Client) do(ctx context.Context, method, path string, query url.Values, body []byte) (*http.Response, error) {
	target := c.URL() + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unreachable(c.URL(), err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		defer resp.Body.Close()
		return nil, c.refusal(resp)
	}
	return resp, nil
}

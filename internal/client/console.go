package client

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strconv"
	"time"
)

// Bounds of the wait before a console is asked for again.
const (
	resumeFirst = 200 * time.Millisecond
	resumeLast  = 10 * time.Second
	resumeTries = 8 // without a byte in between
)

// Console copies a build's console to w from byte offset on. With live it
// follows until the build ends, and comes back at the same place when the
// connection breaks. It returns the offset that it reached.
func (c *Client) Console(ctx context.Context, tenant, uuid string, offset int64, live bool, w io.Writer) (int64, error) {
	tries, wait := 0, resumeFirst
	for {
		n, err := c.console(ctx, tenant, uuid, offset, live, w)
		offset += n
		var refused *Error
		if err == nil || ctx.Err() != nil || !errors.As(err, &refused) || !refused.Unreachable {
			return offset, err
		}
		if n > 0 {
			tries, wait = 0, resumeFirst
		}
		if tries++; tries > resumeTries || !live {
			return offset, err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return offset, ctx.Err()
		}
		wait = min(2*wait, resumeLast)
	}
}

// console is one connection; it returns how many bytes it copied.
func (c *Client) console(ctx context.Context, tenant, uuid string, offset int64, live bool, w io.Writer) (int64, error) {
	query := url.Values{"offset": {strconv.FormatInt(offset, 10)}, "live": {strconv.FormatBool(live)}}
	resp, err := c.do(ctx, "GET", "/api"+Path("tenant", tenant, "build", uuid, "console"), query, nil)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	out := &writer{w: w}
	n, err := io.Copy(out, resp.Body)
	if err != nil && out.err == nil && ctx.Err() == nil {
		err = unreachable(c.URL(), err)
	}
	return n, err
}

// writer tells its own errors from the reader's.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) Write(p []byte) (int, error) {
	n, err := w.w.Write(p)
	w.err = err
	return n, err
}

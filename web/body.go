package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// courtesy is how much of a body over the limit is still read, and thrown away.
// A client that is cut off while it writes sees a broken connection instead of
// the answer that tells it why.
const courtesy = 16 << 20

// cappedBody ends with a *http.MaxBytesError after limit bytes.
type cappedBody struct {
	io.ReadCloser
	limit, read int64
}

func limitBody(w http.ResponseWriter, body io.ReadCloser, limit int64) io.ReadCloser {
	return &cappedBody{ReadCloser: http.MaxBytesReader(w, body, limit+courtesy), limit: limit}
}

func (b *cappedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.read += int64(n); b.read <= b.limit {
		return n, err
	}
	_, _ = io.Copy(io.Discard, b.ReadCloser) // what it says, the refusal says better
	return 0, &http.MaxBytesError{Limit: b.limit}
}

// body is a decoded JSON request body that was not yet held to its schema.
type body struct {
	raw   []byte
	value any
	c     *call
}

// readBody decodes the body as far as Zuul does before it looks anything up:
// wrong type 415, too large 413, not JSON 400.
func readBody(c *call) (body, error) {
	kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return body{}, &Problem{
			Status: http.StatusUnsupportedMediaType, Code: "invalid",
			Detail: "The body must be JSON.", Hint: "Send Content-Type: application/json.",
		}
	}
	raw, err := io.ReadAll(c.Body)
	if over, large := errors.AsType[*http.MaxBytesError](err); large {
		return body{}, &Problem{Status: http.StatusRequestEntityTooLarge, Code: "invalid", Detail: fmt.Sprintf("The body is larger than %d bytes.", over.Limit)}
	}
	if err != nil {
		return body{}, invalid("The body could not be read.")
	}
	b := body{raw: raw, c: c}
	if err := json.Unmarshal(raw, &b.value); err != nil {
		return body{}, invalid("The body is not JSON: %s", err)
	}
	return b, nil
}

// into holds the body to the contract and decodes it.
func (b body) into(v any) error {
	schema := b.c.op.RequestBody.Value.Content.Get("application/json").Schema.Value
	if err := schema.VisitJSON(b.value); err != nil {
		return invalid("%s", firstLine(err))
	}
	if err := json.Unmarshal(b.raw, v); err != nil {
		return invalid("The body does not fit: %s", firstLine(err))
	}
	return nil
}

// readInto is readBody and into, for handlers with nothing in between.
func readInto(c *call, v any) error {
	b, err := readBody(c)
	if err != nil {
		return err
	}
	return b.into(v)
}

// firstLine shortens an error that goes on to print a schema.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

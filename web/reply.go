package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// compressFrom is the size from which answers are compressed, in bytes.
const compressFrom = 4 << 10

// json answers 200 with v.
func (c *call) json(v any) error { return c.jsonStatus(http.StatusOK, v) }

func (c *call) jsonStatus(status int, v any) error {
	data, err := encode(v)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	if len(data) >= compressFrom {
		h.Add("Vary", "Accept-Encoding")
		if acceptsGzip(c.Request) {
			h.Set("Content-Encoding", "gzip")
			data = compress(data)
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(data)))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(data) // a client that left needs no answer
	return nil
}

// encode is JSON without escapes for HTML, which it never is: types are set
// and sniffing is off.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// compress makes a gzip member, favouring speed.
func compress(data []byte) []byte {
	var buf bytes.Buffer
	z, _ := gzip.NewWriterLevel(&buf, gzip.BestSpeed) // the level is valid
	_, _ = z.Write(data)                              // a buffer takes everything
	_ = z.Close()
	return buf.Bytes()
}

// acceptsGzip reads Accept-Encoding as far as browsers and tools use it.
func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(name, "gzip") && strings.ReplaceAll(params, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

// text answers 200 with plain text.
func (c *call) text(data []byte) error {
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	c.w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = c.w.Write(data) // a client that left needs no answer
	return nil
}

package web

import (
	"net/http"
	"strconv"
	"strings"
)

// getStatus serves the live state of a tenant, or that of an earlier time.
func (s *Server) getStatus(c *call) error {
	sn, err := s.snapshotAsked(c)
	if err != nil {
		return err
	}
	h := c.w.Header()
	sn.describe(h)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Etag", sn.etag)
	if matches(c.Header.Get("If-None-Match"), sn.etag) {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	data := sn.plain
	if acceptsGzip(c.Request) {
		data = sn.gzip
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = c.w.Write(data) // a client that left needs no answer
	return nil
}

// describe sets the headers that tell how old a snapshot is.
func (sn *snapshot) describe(h http.Header) {
	h.Set("Cache-Control", "public, max-age=1")
	h.Set("Last-Modified", sn.built.UTC().Format(http.TimeFormat))
	h.Set("Gozer-Seq", strconv.FormatUint(sn.seq, 10))
}

// matches reads If-None-Match.
func matches(header, etag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == strings.TrimPrefix(etag, "W/") || candidate == "*" {
			return true
		}
	}
	return false
}

// minSeq is the commit that the client wants to see; waitForSeq checked it.
func minSeq(c *call) uint64 {
	seq, _ := strconv.ParseUint(c.Header.Get("Gozer-Min-Seq"), 10, 64) // checked
	return seq
}

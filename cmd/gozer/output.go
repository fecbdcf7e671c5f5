package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// show writes a document as it came when JSON is wanted, or else what text
// makes of it.
func show[T any](e *env, doc json.RawMessage, text func(w io.Writer, value T)) error {
	if e.Output == "json" {
		var b bytes.Buffer
		if err := json.Indent(&b, doc, "", "  "); err != nil {
			return fmt.Errorf("write JSON: %w", err)
		}
		b.WriteByte('\n')
		_, err := b.WriteTo(e.out)
		return err
	}
	var value T
	if err := json.Unmarshal(doc, &value); err != nil {
		return fmt.Errorf("the server's answer is not understood; is it of another version? %w", err)
	}
	text(e.out, value)
	return nil
}

// showValue does the same for what was made here.
func showValue[T any](e *env, value T, text func(w io.Writer, value T)) error {
	doc, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return show(e, doc, text)
}

// table writes columns; the first row is the head.
func table(w io.Writer, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = plain(c)
		}
		fmt.Fprintln(t, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	_ = t.Flush() // a broken terminal is noticed by nobody
}

// plain keeps what others wrote from steering the terminal.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// lines is plain for texts of several lines.
func lines(s string) string {
	parts := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, p := range parts {
		parts[i] = plain(p)
	}
	return strings.Join(parts, "\n")
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func seconds(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Second).String()
}

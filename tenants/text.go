package tenants

import "bytes"

// text is the content of a file with an index of its lines.
type text struct {
	data   []byte
	starts []int // offset of each line
}

func newText(data []byte) text {
	t := text{data: data, starts: []int{0}}
	for i := 0; ; {
		n := bytes.IndexByte(data[i:], '\n')
		if n < 0 {
			return t
		}
		i += n + 1
		t.starts = append(t.starts, i)
	}
}

// line returns the text of a line, counted from 1, without its end.
func (t text) line(n int) string {
	if n < 1 || n > len(t.starts) {
		return ""
	}
	rest := t.data[t.starts[n-1]:]
	if end := bytes.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end]
	}
	return string(bytes.TrimSuffix(rest, []byte("\r")))
}

package web

import (
	"bytes"
	"unicode/utf8"
)

// runeSplitter cuts bytes into texts of whole characters: the beginning of a
// character at the end of one piece waits for the next. Bytes that are no
// UTF-8 become the replacement character.
type runeSplitter struct{ held []byte }

// next returns the text that is complete after piece.
func (s *runeSplitter) next(piece []byte) []byte {
	text := append(s.held, piece...)
	end := len(text)
	for back := 1; back <= min(utf8.UTFMax-1, len(text)); back++ {
		b := text[len(text)-back]
		if utf8.RuneStart(b) {
			if !utf8.FullRune(text[len(text)-back:]) {
				end = len(text) - back
			}
			break
		}
	}
	s.held = bytes.Clone(text[end:])
	return valid(text[:end])
}

// rest returns what is left at the end of the stream.
func (s *runeSplitter) rest() []byte {
	text := valid(s.held)
	s.held = nil
	return text
}

func valid(text []byte) []byte { return bytes.ToValidUTF8(text, []byte("\uFFFD")) }

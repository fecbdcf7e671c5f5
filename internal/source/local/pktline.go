package local

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxPkt is the largest packet of git's protocol, with its length.
const maxPkt = 65520

// readPkt reads one packet of git's protocol; ok is false for a flush packet.
func readPkt(r *bufio.Reader) (line []byte, ok bool, err error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, false, err
	}
	n, err := strconv.ParseUint(string(head[:]), 16, 16)
	switch {
	case err != nil:
		return nil, false, errors.New("malformed packet length")
	case n == 0:
		return nil, false, nil
	case n < 4 || n > maxPkt:
		return nil, false, errors.New("packet length is out of range")
	}
	line = make([]byte, n-4)
	if _, err := io.ReadFull(r, line); err != nil {
		return nil, false, err
	}
	return line, true, nil
}

// pkt appends a packet to b.
func pkt(b []byte, format string, args ...any) []byte {
	text := fmt.Sprintf(format, args...)
	return append(fmt.Appendf(b, "%04x", len(text)+4), text...)
}

// flushPkt ends a list of packets.
const flushPkt = "0000"

// Bands of the side-band protocol.
const (
	bandData     = 1
	bandProgress = 2
)

// band appends data to b as packets of one band.
func band(b []byte, number byte, data []byte) []byte {
	for len(data) > 0 {
		n := min(len(data), maxPkt-5)
		b = append(fmt.Appendf(b, "%04x", n+5), number)
		b = append(b, data[:n]...)
		data = data[n:]
	}
	return b
}

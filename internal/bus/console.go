package bus

import (
	"context"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gozer-ci/gozer/scheduler"
)

const (
	offsetHeader = "Gozer-Offset"
	finalHeader  = "Gozer-Final"
	// maxChunk splits large writes, so that readers get them in portions.
	maxChunk = 256 << 10
)

// Chunk is a piece of a build's console.
type Chunk struct {
	// Offset is where Data begins, in bytes from the start of the console.
	// Bytes between the end of one chunk and the offset of the next are gone.
	Offset int64
	// Data is shared between readers and must not be changed.
	Data []byte
	// Final says that nothing follows.
	Final bool
}

func (c Chunk) end() int64 { return c.Offset + int64(len(c.Data)) }

func consoleSubject(build scheduler.BuildID) string { return "gozer.console." + Token(string(build)) }

// WriteConsole appends data to a build's console. Offset is where data begins;
// writing the same bytes again is harmless. Final marks the end; data may then
// be empty.
func (b *Bus) WriteConsole(ctx context.Context, build scheduler.BuildID, offset int64, data []byte, final bool) error {
	for len(data) > maxChunk {
		if err := b.writeChunk(ctx, build, Chunk{Offset: offset, Data: data[:maxChunk]}); err != nil {
			return err
		}
		offset, data = offset+maxChunk, data[maxChunk:]
	}
	return b.writeChunk(ctx, build, Chunk{Offset: offset, Data: data, Final: final})
}

func (b *Bus) writeChunk(ctx context.Context, build scheduler.BuildID, c Chunk) error {
	m := &nats.Msg{Subject: consoleSubject(build), Data: c.Data, Header: nats.Header{
		offsetHeader: {strconv.FormatInt(c.Offset, 10)},
	}}
	if c.Final {
		m.Header[finalHeader] = []string{"true"}
	}
	if _, err := b.js.PublishMsg(ctx, m); err != nil {
		return fmt.Errorf("write console of build %s: %w", build, refused(err))
	}
	return nil
}

// DropConsole forgets what was written to a build's console.
func (b *Bus) DropConsole(ctx context.Context, build scheduler.BuildID) error {
	s, err := b.stream(ctx, b.consoleConfig())
	if err != nil {
		return err
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSubject(consoleSubject(build))); err != nil {
		return fmt.Errorf("drop console of build %s: %w", build, err)
	}
	return nil
}

func decodeChunk(m jetstream.Msg) (Chunk, error) {
	offset, err := strconv.ParseInt(m.Headers().Get(offsetHeader), 10, 64)
	if err != nil || offset < 0 {
		return Chunk{}, fmt.Errorf("console message on %s has no offset", m.Subject())
	}
	return Chunk{Offset: offset, Data: m.Data(), Final: m.Headers().Get(finalHeader) != ""}, nil
}

package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// Codec writes and reads events. It remembers the layouts and job graphs that
// went through it, so that one hash is one pointer as long as anyone uses it
// and replays decode it once. It may be used from any goroutine.
type Codec struct {
	fetch   func(scheduler.Hash) ([]byte, error)
	layouts cache[scheduler.Layout]
	graphs  cache[scheduler.JobGraph]
}

// NewCodec returns a Codec that gets the data of blobs from fetch, which must
// be callable from any goroutine.
func NewCodec(fetch func(scheduler.Hash) ([]byte, error)) *Codec { return &Codec{fetch: fetch} }

// EncodeEvents returns the body of a record and the blobs that it refers to,
// whether or not a log has them already. A layout or graph without a hash is
// an error.
func EncodeEvents(list []scheduler.Event) (body []byte, blobs []eventlog.Blob, err error) {
	return NewCodec(nil).EncodeEvents(list)
}

// DecodeEvents reads the body of a record; fetch gives the data of blobs. Use
// a Codec to read more than one body.
func DecodeEvents(body []byte, fetch func(scheduler.Hash) ([]byte, error)) ([]scheduler.Event, error) {
	return NewCodec(fetch).DecodeEvents(body)
}

// EncodeEvents is the function EncodeEvents with c's memory: a blob that went
// through c before is not encoded again.
func (c *Codec) EncodeEvents(list []scheduler.Event) (body []byte, blobs []eventlog.Blob, err error) {
	var seen map[scheduler.Hash]bool
	for _, e := range list {
		var refs []blob
		if body, refs, err = events.append(c, body, e); err != nil {
			return nil, nil, err
		}
		body = append(body, '\n')
		for _, ref := range refs {
			if seen[ref.hash] {
				continue
			}
			if seen == nil {
				seen = map[scheduler.Hash]bool{}
			}
			seen[ref.hash] = true
			blobs = append(blobs, eventlog.Blob{Hash: ref.hash, Data: ref.data})
		}
	}
	return body, blobs, nil
}

// DecodeEvents reads the body of a record. It never panics. The events share
// no memory with body; layouts and graphs are shared and must not be changed.
func (c *Codec) DecodeEvents(body []byte) ([]scheduler.Event, error) {
	list := make([]scheduler.Event, 0, bytes.Count(body, []byte{'\n'}))
	for n := 1; len(body) > 0; n++ {
		line := body
		if i := bytes.IndexByte(body, '\n'); i >= 0 {
			line, body = body[:i], body[i+1:]
		} else {
			return nil, fmt.Errorf("decode event %d: the body ends inside it", n)
		}
		v, err := events.open(c, line)
		if err != nil {
			return nil, fmt.Errorf("decode event %d: %w", n, err)
		}
		list = append(list, v.(scheduler.Event))
	}
	return list, nil
}

// EncodeCommand returns a command as one JSON object, layouts and graphs included.
func EncodeCommand(cmd scheduler.Command) ([]byte, error) {
	data, _, err := commands.append(nil, nil, cmd)
	return data, err
}

// AppendCommand adds a command to b, a line each, so that several can be one
// message; a single one is as EncodeCommand writes it. After an error b is as
// it was.
func AppendCommand(b []byte, cmd scheduler.Command) ([]byte, error) {
	whole := b
	if len(b) > 0 {
		whole = append(whole, '\n')
	}
	whole, _, err := commands.append(nil, whole, cmd)
	if err != nil {
		return b, err
	}
	return whole, nil
}

// DecodeCommands reads what AppendCommand wrote. It returns what it could
// read, and the errors of the rest. It never panics.
func DecodeCommands(data []byte) (list []scheduler.Command, err error) {
	var errs []error
	for line := range bytes.SplitSeq(data, []byte{'\n'}) {
		c, err := DecodeCommand(line)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, c)
	}
	return list, errors.Join(errs...)
}

// DecodeCommand reads what EncodeCommand wrote. It never panics.
func DecodeCommand(data []byte) (scheduler.Command, error) {
	v, err := commands.open(nil, data)
	if err != nil {
		return nil, fmt.Errorf("decode command: %w", err)
	}
	return v.(scheduler.Command), nil
}

// EventName and CommandName return the versioned name of a value's type, or
// an empty string for a type that is not registered.
func EventName(e scheduler.Event) string { return events.name(e) }

// CommandName is described at EventName.
func CommandName(c scheduler.Command) string { return commands.name(c) }

func (r *registry) name(value any) string {
	if e := r.byType[reflect.TypeOf(value)]; e != nil {
		return e.name
	}
	return ""
}

// Parts of an envelope as it is written; readers take any equivalent JSON.
const (
	envelopeHead = `{"type":"`
	envelopeData = `","data":`
	envelopeTail = `}`
)

// append adds the envelope of value to b.
func (r *registry) append(c *Codec, b []byte, value any) ([]byte, []blob, error) {
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
		value = v.Interface()
	}
	if !v.IsValid() {
		return nil, nil, fmt.Errorf("encode: there is no value")
	}
	e := r.byType[v.Type()]
	if e == nil {
		return nil, nil, &UnknownTypeError{Name: v.Type().String()}
	}
	form, blobs, err := e.encode(c, value)
	if err != nil {
		return nil, nil, fmt.Errorf("encode %s: %w", e.name, err)
	}
	b = append(append(append(b, envelopeHead...), e.name...), envelopeData...)
	if b, err = appendJSON(b, form); err != nil {
		return nil, nil, fmt.Errorf("encode %s: %w", e.name, err)
	}
	return append(b, envelopeTail...), blobs, nil
}

// open reads one envelope.
func (r *registry) open(c *Codec, data []byte) (any, error) {
	if name, inner, ok := cutEnvelope(data); ok {
		return r.decode(c, name, inner)
	}
	var env struct {
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(data, &env); err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	return r.decode(c, []byte(env.Type), env.Data)
}

// cutEnvelope takes an envelope apart that has exactly our form, without
// parsing what is inside.
func cutEnvelope(data []byte) (name, inner []byte, ok bool) {
	rest, ok := bytes.CutPrefix(data, []byte(envelopeHead))
	if !ok {
		return nil, nil, false
	}
	name, rest, ok = bytes.Cut(rest, []byte(envelopeData))
	if !ok {
		return nil, nil, false
	}
	inner, ok = bytes.CutSuffix(rest, []byte(envelopeTail))
	return name, inner, ok
}

// Events returns a zero value of every type of event, in the order of their
// names, for tests that hold other tables to the registry.
func Events() []scheduler.Event {
	out := make([]scheduler.Event, 0, len(events.byName))
	for _, name := range slices.Sorted(maps.Keys(events.byName)) {
		out = append(out, reflect.Zero(events.byName[name].typ).Interface().(scheduler.Event))
	}
	return out
}

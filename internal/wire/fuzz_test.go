package wire

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gozer-ci/gozer/scheduler"
)

// FuzzDecodeEvents checks that no body makes the decoder panic, and that what
// it accepts survives being written and read again.
func FuzzDecodeEvents(f *testing.F) {
	for typ := range events.byType {
		body, _, err := EncodeEvents([]scheduler.Event{filled(typ).(scheduler.Event)})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	empty := func(scheduler.Hash) ([]byte, error) { return []byte(`{"Hash":"h"}`), nil }
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := DecodeEvents(body, empty)
		if err != nil {
			return
		}
		again, _, err := EncodeEvents(list)
		if err != nil {
			return // a value that we never write, such as a year beyond 9999
		}
		got, err := DecodeEvents(again, empty)
		if err != nil {
			t.Fatalf("%q does not decode: %v", again, err)
		}
		if diff := cmp.Diff(list, got, samePattern, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("changed (-first +second):\n%s", diff)
		}
	})
}

// FuzzDecodeCommand checks that no text makes the decoder panic.
func FuzzDecodeCommand(f *testing.F) {
	for typ := range commands.byType {
		data, err := EncodeCommand(filled(typ).(scheduler.Command))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cmd, err := DecodeCommand(data)
		if err != nil {
			return
		}
		if !reflect.TypeOf(cmd).Comparable() && cmd == nil {
			t.Error("no command and no error")
		}
	})
}

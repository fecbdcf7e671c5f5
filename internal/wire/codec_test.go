package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

var samePattern = cmpopts.IgnoreUnexported(scheduler.Pattern{})

// store is a blob store for tests.
type store map[scheduler.Hash][]byte

func (s store) add(blobs []eventlog.Blob) {
	for _, b := range blobs {
		s[b.Hash] = b.Data
	}
}

func (s store) get(h scheduler.Hash) ([]byte, error) {
	if data, ok := s[h]; ok {
		return data, nil
	}
	return nil, eventlog.ErrNoBlob
}

func TestEveryFieldOfEventsSurvives(t *testing.T) {
	t.Parallel()
	var list []scheduler.Event
	for typ := range events.byType {
		list = append(list, filled(typ).(scheduler.Event), reflect.Zero(typ).Interface().(scheduler.Event))
	}
	body, blobs, err := EncodeEvents(list)
	if err != nil {
		t.Fatal(err)
	}
	s := store{}
	s.add(blobs)
	got, err := DecodeEvents(body, s.get)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(list, got, samePattern); diff != "" {
		t.Errorf("events changed on the way (-want +got):\n%s", diff)
	}
}

func TestEveryFieldOfCommandsSurvives(t *testing.T) {
	t.Parallel()
	for typ := range commands.byType {
		for _, want := range []scheduler.Command{filled(typ).(scheduler.Command), reflect.Zero(typ).Interface().(scheduler.Command)} {
			data, err := EncodeCommand(want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := DecodeCommand(data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, samePattern); diff != "" {
				t.Errorf("%s changed on the way (-want +got):\n%s", typ, diff)
			}
		}
	}
}

func TestNilAndEmptyStayApart(t *testing.T) {
	t.Parallel()
	graph := &scheduler.JobGraph{Hash: "g", Jobs: []scheduler.FrozenJob{
		{Name: "nil"}, {Name: "empty", Vars: json.RawMessage("{}"), Run: []scheduler.Playbook{}},
		{Name: "lines", Vars: json.RawMessage("{\n\"a\":\r\n\"b\\n\"}")},
	}}
	body, blobs, err := EncodeEvents([]scheduler.Event{scheduler.ItemPrepared{Graph: graph, Warnings: []string{}}})
	if err != nil {
		t.Fatal(err)
	}
	s := store{}
	s.add(blobs)
	list, err := DecodeEvents(body, s.get)
	if err != nil {
		t.Fatal(err)
	}
	got := list[0].(scheduler.ItemPrepared)
	switch {
	case got.Graph.Jobs[0].Vars != nil, got.Graph.Jobs[0].Run != nil:
		t.Error("nil came back as something")
	case got.Graph.Jobs[1].Run == nil, got.Warnings == nil, string(got.Graph.Jobs[1].Vars) != "{}":
		t.Error("empty came back as nil")
	case bytes.ContainsAny(got.Graph.Jobs[2].Vars, "\n\r"):
		t.Error("a line break inside an event")
	}
}

func TestTextSurvives(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "plain", `"quoted" \ and /`, "tab\tand\nline", "äöü 日本 \U0001f680", "\u2028", "<script>&", "\x00\x1f\x7f"} {
		data, err := EncodeCommand(scheduler.Reconfigure{Reason: text})
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeCommand(data)
		if err != nil || got != (scheduler.Reconfigure{Reason: text}) {
			t.Errorf("%q came back as %#v, %v", text, got, err)
		}
	}
}

func TestOneHashIsOnePointer(t *testing.T) {
	t.Parallel()
	graph := filled(reflect.TypeFor[scheduler.JobGraph]()).(scheduler.JobGraph)
	list := []scheduler.Event{scheduler.ItemPrepared{Item: "a", Graph: &graph}, scheduler.ItemPrepared{Item: "b", Graph: &graph}}
	body, blobs, err := EncodeEvents(list)
	if err != nil || len(blobs) != 1 {
		t.Fatalf("%d blobs, %v; want one", len(blobs), err)
	}
	s, fetched := store{}, 0
	s.add(blobs)
	c := NewCodec(func(h scheduler.Hash) ([]byte, error) { fetched++; return s.get(h) })
	var first *scheduler.JobGraph
	for range 3 {
		got, err := c.DecodeEvents(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range got {
			g := e.(scheduler.ItemPrepared).Graph
			if first == nil {
				first = g
			}
			if g != first {
				t.Error("the same hash gave another pointer")
			}
		}
	}
	if fetched != 1 {
		t.Errorf("fetched %d times, want once", fetched)
	}
	if _, again, err := c.EncodeEvents(list); err != nil || len(again) != 1 || !bytes.Equal(again[0].Data, blobs[0].Data) {
		t.Errorf("encoded again: %d blobs, %v", len(again), err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]scheduler.Event{
		"nothing":        {nil},
		"nil pointer":    {(*scheduler.ItemMoved)(nil)},
		"no hash":        {scheduler.ItemPrepared{Graph: &scheduler.JobGraph{}}},
		"broken JSON":    {scheduler.ItemPrepared{Graph: &scheduler.JobGraph{Hash: "h", Jobs: []scheduler.FrozenJob{{Vars: json.RawMessage("{")}}}}},
		"year out of it": {scheduler.BuildStarted{Time: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}},
	} {
		if body, _, err := EncodeEvents(list); err == nil {
			t.Errorf("%s: encoded as %s", name, body)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ body, want string }{
		"unknown type":    {`{"type":"item.eaten/1","data":{}}` + "\n", `type "item.eaten/1" is unknown`},
		"newer version":   {`{"type":"item.moved/2","data":{}}` + "\n", `type "item.moved/2" is unknown`},
		"cut off":         {`{"type":"item.moved/1","data":{}}`, "event 1: the body ends inside it"},
		"second is wrong": {`{"type":"item.moved/1","data":{}}` + "\n{}\n", "event 2"},
		"no JSON":         {"item\n", "envelope"},
		"wrong kind":      {`{"type":"item.moved/1","data":{"Item":7}}` + "\n", "item.moved/1"},
		"missing blob":    {`{"type":"item.prepared/1","data":{"Graph":"f00"}}` + "\n", "blob f00: no such blob"},
	} {
		_, err := DecodeEvents([]byte(tc.body), store{}.get)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
	var unknown *UnknownTypeError
	if _, err := DecodeCommand([]byte(`{"type":"x/1"}`)); !errors.As(err, &unknown) || unknown.Name != "x/1" {
		t.Errorf("unknown command: %v", err)
	}
}

func TestAnyJSONOfAnEnvelopeIsRead(t *testing.T) {
	t.Parallel()
	want := scheduler.ItemMoved{Item: "a", Reason: `","data":`}
	for _, line := range []string{
		`{"type":"item.moved/1","data":{"Item":"a","Reason":"\",\"data\":"}}`,
		` { "data" : {"Item":"a","Reason":"\",\"data\":", "Later":1}, "type" : "item.moved/1", "id": 3 } `,
	} {
		got, err := DecodeEvents([]byte(line+"\n"), nil)
		if err != nil || len(got) != 1 || got[0] != scheduler.Event(want) {
			t.Errorf("%s is %v, %v", line, got, err)
		}
	}
}

func TestUpcast(t *testing.T) {
	t.Parallel()
	rename := func(from, to string) func(json.RawMessage) (json.RawMessage, error) {
		return func(data json.RawMessage) (json.RawMessage, error) {
			return bytes.ReplaceAll(data, []byte(from), []byte(to)), nil
		}
	}
	r := newRegistry(map[string]upcaster{
		"item.moved/1": {to: "item.moved/2", data: rename("Entry", "Thing")},
		"item.moved/2": {to: "item.moved/3", data: rename("Thing", "Item")},
		"item.lost/1":  {to: "item.moved/3", data: func(json.RawMessage) (json.RawMessage, error) { return nil, errors.New("no item") }},
	}, entryOf[scheduler.ItemMoved]("item.moved/3"))
	for _, line := range []string{`{"type":"item.moved/1","data":{"Entry":"a"}}`, `{"type":"item.moved/2","data":{"Thing":"a"}}`, `{"type":"item.moved/3","data":{"Item":"a"}}`} {
		got, err := r.open(nil, []byte(line))
		if err != nil || got != (scheduler.ItemMoved{Item: "a"}) {
			t.Errorf("%s is %v, %v", line, got, err)
		}
	}
	if _, err := r.open(nil, []byte(`{"type":"item.lost/1","data":{}}`)); err == nil || !strings.Contains(err.Error(), "upcast item.lost/1 to item.moved/3: no item") {
		t.Errorf("failing upcast: %v", err)
	}
	if b, _, err := r.append(nil, nil, &scheduler.ItemMoved{Item: "a"}); err != nil || string(b) != `{"type":"item.moved/3","data":{"Item":"a"}}` {
		t.Errorf("written as %s, %v", b, err)
	}
}

func TestCommandsShareAMessage(t *testing.T) {
	t.Parallel()
	want := []scheduler.Command{
		scheduler.TriggerEvent{ID: "1", Comment: "two\nlines", Data: []byte("a\nb")},
		scheduler.DequeueRef{ID: "2"},
		scheduler.TriggerEvent{ID: "3"},
	}
	var message []byte
	for _, c := range want {
		var err error
		if message, err = AppendCommand(message, c); err != nil {
			t.Fatal(err)
		}
	}
	got, err := DecodeCommands(message)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	damaged := bytes.Replace(message, []byte("dequeue"), []byte("unknown"), 1)
	if got, err = DecodeCommands(damaged); err == nil || len(got) != 2 {
		t.Errorf("with one damaged command: %v, %v", got, err)
	}
	if again, err := AppendCommand(message, nil); err == nil || !bytes.Equal(again, message) {
		t.Errorf("no command appended: %v", err)
	}
}

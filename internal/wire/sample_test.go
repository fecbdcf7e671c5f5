package wire

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

var update = flag.Bool("update", false, "write samples of types that have none; never changes one")

// sample is a frozen event or command: what was written once, and the value
// that it must be read as for ever.
type sample struct {
	Written json.RawMessage                    `json:"written"`
	Blobs   map[scheduler.Hash]json.RawMessage `json:"blobs,omitempty"`
	Value   json.RawMessage                    `json:"value"`
}

func (s sample) blob(h scheduler.Hash) ([]byte, error) {
	if data, ok := s.Blobs[h]; ok {
		return data, nil
	}
	return nil, eventlog.ErrNoBlob
}

func samplePath(set, name string) string {
	return filepath.Join("testdata", set, strings.Replace(name, "/", ".", 1)+".json")
}

func TestEventSamples(t *testing.T) {
	t.Parallel()
	testSamples(t, "events", events, func(v any) sample {
		body, blobs, err := EncodeEvents([]scheduler.Event{v.(scheduler.Event)})
		if err != nil {
			t.Fatal(err)
		}
		s := sample{Written: bytes.TrimSpace(body), Blobs: map[scheduler.Hash]json.RawMessage{}}
		for _, b := range blobs {
			s.Blobs[b.Hash] = b.Data
		}
		return s
	}, func(s sample) (any, error) {
		list, err := DecodeEvents(append(compact(t, s.Written), '\n'), s.blob)
		if err != nil || len(list) != 1 {
			return nil, fmt.Errorf("%d events: %w", len(list), err)
		}
		return list[0], nil
	})
}

func TestCommandSamples(t *testing.T) {
	t.Parallel()
	testSamples(t, "commands", commands, func(v any) sample {
		data, err := EncodeCommand(v.(scheduler.Command))
		if err != nil {
			t.Fatal(err)
		}
		return sample{Written: data}
	}, func(s sample) (any, error) { return DecodeCommand(s.Written) })
}

// testSamples checks that each name of r has a sample and that each sample,
// current or outdated, is read as it was when it was frozen.
func testSamples(t *testing.T, set string, r *registry, write func(any) sample, read func(sample) (any, error)) {
	for name, e := range r.byName {
		path := samplePath(set, name)
		_, err := os.Stat(path)
		if err == nil {
			continue
		}
		if !*update {
			t.Errorf("%s has no sample: run go test ./internal/wire -update and commit %s", name, path)
			continue
		}
		v := filled(e.typ)
		s := write(v)
		s.Value = mustJSON(t, v)
		freeze(t, path, s)
	}
	err := filepath.WalkDir(filepath.Join("testdata", set), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			checkSample(t, path, r, read)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func checkSample(t *testing.T, path string, r *registry, read func(sample) (any, error)) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s sample
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	v, err := read(s)
	if err != nil {
		t.Errorf("%s does not decode any more: %v", path, err)
		return
	}
	if got, want := mustJSON(t, v), compact(t, s.Value); !bytes.Equal(got, want) {
		t.Errorf("%s is read as\n%s\nand was frozen as\n%s\nAn old record must keep its meaning: make a new version with an upcaster.", path, got, want)
	}
	if _, ok := r.byType[reflect.TypeOf(v)]; !ok {
		t.Errorf("%s is read as %T, which is not registered", path, v)
	}
}

func freeze(t *testing.T, path string, s sample) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = os.WriteFile(path, append(data, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := appendJSON(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return compact(t, data)
}

func compact(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, data); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEveryTypeIsRegistered reads the core's source for the members of both
// closed sets.
func TestEveryTypeIsRegistered(t *testing.T) {
	t.Parallel()
	for method, r := range map[string]*registry{"event": events, "command": commands} {
		known := map[string]bool{}
		for typ := range r.byType {
			known[typ.Name()] = true
		}
		members := membersOf(t, method)
		if len(members) == 0 {
			t.Errorf("found no type with method %s", method)
		}
		for _, name := range members {
			if !known[name] {
				t.Errorf("%s %s has no name in registry.go", method, name)
			}
		}
		if len(members) != len(r.byName) {
			t.Errorf("%d types of %s and %d names", len(members), method, len(r.byName))
		}
	}
}

func membersOf(t *testing.T, method string) []string {
	t.Helper()
	paths, err := filepath.Glob("../../scheduler/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Name.Name != method || fn.Recv == nil {
				continue
			}
			if id, ok := fn.Recv.List[0].Type.(*ast.Ident); ok {
				names = append(names, id.Name)
			}
		}
	}
	return names
}

// Package quarantine keeps what is known of a tenant that stopped because a
// promise of the core was broken: a directory that can be sent to who mends it.
// Secrets are left out, and both the number of directories and their size are
// bounded.
package quarantine

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gozer-ci/gozer/scheduler"
)

// Bounds of what is kept.
const (
	// PerTenant dumps are kept of each tenant, the newest; Total of all.
	PerTenant = 5
	Total     = 20
	// FileBytes bounds each file of a dump but the state, StateBytes that.
	FileBytes  = 4 << 20
	StateBytes = 64 << 20
	// Records is how many records of the log a dump should have.
	Records = 100
)

// Dump is what is known.
type Dump struct {
	About About
	// Stack is where the promise was broken.
	Stack string
	// Broken describes the state as it was left, Before that of the last
	// commit; Snapshot is the latter as JSON.
	Broken, Before string
	Snapshot       []byte
	// Commands were being decided, a line of JSON each.
	Commands []byte
	// Log is the end of the tenant's log: records as lines of JSON.
	Log []byte
}

// About is the head of a dump.
type About struct {
	Tenant scheduler.TenantName `json:"tenant"`
	Time   time.Time            `json:"time"`
	Error  string               `json:"error"`
	// Commit is the last one of the tenant's log, Hash its hash.
	Commit uint64 `json:"commit"`
	Hash   string `json:"hash"`
	// Input is the last input among the commands; 0 when there was none.
	Input uint64 `json:"input,omitempty"`
	// DecidedAt and Entropy are what the decision was given besides.
	DecidedAt time.Time `json:"decided_at"`
	Entropy   string    `json:"entropy"`
	// Versions of the program, of Go and of the format of snapshots.
	Versions map[string]string `json:"versions"`
	// Notes say what is left out, and why.
	Notes []string `json:"notes,omitempty"`
}

// Entry is a dump that is there.
type Entry struct {
	Dir string `json:"dir"`
	About
}

const aboutFile = "about.json"

// Write makes a directory of a dump below root and deletes those that are too
// many.
func Write(root string, d Dump) (dir string, err error) {
	name := url.PathEscape(string(d.About.Tenant)) + "-" + d.About.Time.UTC().Format("20060102T150405.000Z")
	dir = filepath.Join(root, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("write quarantine: %w", err)
	}
	files := []struct {
		name string
		data []byte
		most int
	}{
		{"error.txt", []byte(d.About.Error + "\n\n" + d.Stack), FileBytes},
		{"state-before.txt", []byte(d.Before), FileBytes},
		{"state-broken.txt", []byte(d.Broken), FileBytes},
		{"state-before.json", redact(d.Snapshot), StateBytes},
		{"commands.jsonl", redact(d.Commands), FileBytes},
		{"log.jsonl", redact(d.Log), FileBytes},
	}
	d.About.Notes = append(d.About.Notes, "What may be secret is left out: payloads of events, and values whose names speak of secrets.")
	for _, f := range files {
		data, note := bounded(f.name, f.data, f.most)
		if note != "" {
			d.About.Notes = append(d.About.Notes, note)
		}
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, f.name), data, 0o600))
	}
	about, jsonErr := json.MarshalIndent(d.About, "", "  ")
	err = errors.Join(err, jsonErr, os.WriteFile(filepath.Join(dir, aboutFile), append(about, '\n'), 0o600), prune(root))
	if err != nil {
		return dir, fmt.Errorf("write quarantine: %w", err)
	}
	return dir, nil
}

// bounded cuts what is too long: JSON that must be whole is left out, of lines
// the first are.
func bounded(name string, data []byte, most int) (kept []byte, note string) {
	if len(data) <= most {
		return data, ""
	}
	switch filepath.Ext(name) {
	case ".json":
		return nil, fmt.Sprintf("%s is left out: it has %d bytes.", name, len(data))
	case ".jsonl":
		kept = data[len(data)-most:]
		if i := bytes.IndexByte(kept, '\n'); i >= 0 {
			kept = kept[i+1:]
		}
		return kept, fmt.Sprintf("%s has its last lines only: it had %d bytes.", name, len(data))
	}
	return data[:most], fmt.Sprintf("%s is cut off: it had %d bytes.", name, len(data))
}

// prune deletes the oldest dumps of tenants with too many, then of all.
func prune(root string) error {
	list, err := List(root)
	if err != nil {
		return err
	}
	of := map[scheduler.TenantName]int{}
	kept := 0
	for _, e := range list {
		of[e.Tenant]++
		if of[e.Tenant] <= PerTenant && kept < Total {
			kept++
			continue
		}
		err = errors.Join(err, os.RemoveAll(e.Dir))
	}
	return err
}

// List returns the dumps below root, newest first. What is no dump is passed
// over.
func List(root string) ([]Entry, error) {
	dirs, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list quarantine: %w", err)
	}
	var out []Entry
	for _, d := range dirs {
		e := Entry{Dir: filepath.Join(root, d.Name())}
		data, err := os.ReadFile(filepath.Join(e.Dir, aboutFile))
		if err != nil || json.Unmarshal(data, &e.About) != nil {
			continue
		}
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Entry) int {
		return cmp.Or(b.Time.Compare(a.Time), strings.Compare(a.Dir, b.Dir))
	})
	return out, nil
}

package quarantine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/quarantine"
	"github.com/gozer-ci/gozer/scheduler"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func dump(tenant string, n int) quarantine.Dump {
	return quarantine.Dump{
		About: quarantine.About{Tenant: scheduler.TenantName(tenant), Time: noon.Add(time.Duration(n) * time.Second), Error: "queues met"},
		Stack: "at process.go:1", Before: "gate org/app", Snapshot: []byte(`{"Version":1}`),
	}
}

func write(t *testing.T, root string, d quarantine.Dump) string {
	t.Helper()
	dir, err := quarantine.Write(root, d)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestDumpsAreBoundedInNumber(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "quarantine")
	if list, err := quarantine.List(root); err != nil || len(list) != 0 {
		t.Errorf("at first there is %v, %v", list, err)
	}
	for n := range 10 {
		write(t, root, dump("acme/../x", n))
	}
	for n := range 2 * quarantine.Total {
		write(t, root, dump("tenant"+string(rune('a'+n)), 100+n))
	}
	list, err := quarantine.List(root)
	if err != nil || len(list) != quarantine.Total {
		t.Fatalf("%d dumps, %v", len(list), err)
	}
	if list[0].Time.Before(list[1].Time) || list[0].Error != "queues met" {
		t.Errorf("the first is %+v", list[0])
	}
	other := filepath.Join(t.TempDir(), "q")
	for n := range 2 * quarantine.PerTenant {
		write(t, other, dump("acme", n))
	}
	if list, err := quarantine.List(other); err != nil || len(list) != quarantine.PerTenant || !list[0].Time.Equal(noon.Add(9*time.Second)) {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestNamesStayInside(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := write(t, root, dump("../../etc", 0))
	if filepath.Dir(dir) != root {
		t.Errorf("written to %s", dir)
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestSecretsAreLeftOut(t *testing.T) {
	t.Parallel()
	d := dump("acme", 0)
	d.Commands = []byte(`{"ID":"1","Data":"aHVudGVyMg==","Comment":"recheck"}` + "\n" + `{"vars":{"db_password":"hunter2","list":[{"apiKey":"hunter2"}],"tokens":["hunter2"],"n":12345678901234567890}}` + "\n")
	d.Log = []byte(`{"a":1}` + "\nhunter2\n")
	dir := write(t, t.TempDir(), d)
	commands := read(t, dir, "commands.jsonl")
	for _, name := range []string{"commands.jsonl", "log.jsonl"} {
		if text := read(t, dir, name); strings.Contains(text, "hunter2") || strings.Contains(text, "aHVudGVy") {
			t.Errorf("%s has %s", name, text)
		}
	}
	if !strings.Contains(commands, "recheck") || !strings.Contains(commands, "12345678901234567890") || strings.Count(commands, "\n") != 2 {
		t.Errorf("too much is gone: %s", commands)
	}
	if !strings.Contains(read(t, dir, "about.json"), "left out") {
		t.Error("nobody is told")
	}
}

func TestDumpsAreBoundedInSize(t *testing.T) {
	t.Parallel()
	d := dump("acme", 0)
	d.Stack = strings.Repeat("x", 2*quarantine.FileBytes)
	d.Log = []byte(strings.Repeat(`{"Seq":1,"text":"`+strings.Repeat("y", 1000)+`"}`+"\n", 2*quarantine.FileBytes/1000))
	dir := write(t, t.TempDir(), d)
	for _, name := range []string{"error.txt", "log.jsonl"} {
		if n := len(read(t, dir, name)); n > quarantine.FileBytes || n < quarantine.FileBytes/2 {
			t.Errorf("%s has %d bytes", name, n)
		}
		if !strings.Contains(read(t, dir, "about.json"), name) {
			t.Errorf("nobody is told of %s", name)
		}
	}
	if !strings.HasPrefix(read(t, dir, "log.jsonl"), `{"Seq":1`) {
		t.Error("the first line is cut")
	}
}

package local_test

import (
	"testing"

	"github.com/gozer-ci/gozer/internal/source"
	"github.com/gozer-ci/gozer/internal/source/sourcetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	sourcetest.Run(t, func(t *testing.T) sourcetest.Bench {
		return &bench{server: newServer(t), clones: map[string]*clone{}}
	})
}

// bench drives the source through its HTTP server.
type bench struct {
	*server
	clones map[string]*clone
}

func (b *bench) Source() source.Source { return b.server.Source }

func (b *bench) Restart(*testing.T) { b.restart() }

func (b *bench) NewProject(_ *testing.T, name string) { b.clones[name] = b.project(name) }

func (b *bench) Propose(_ *testing.T, project, file, content string) int {
	c := b.clones[project]
	c.git("fetch", "-q", "origin")
	c.git("reset", "-q", "--hard", "origin/main")
	c.commit(file, content, "Write "+content+" into "+file)
	return c.propose()[0]
}

func (b *bench) Amend(_ *testing.T, project, content string) {
	c := b.clones[project]
	c.write("amended", content)
	c.git("add", "-A")
	c.git("commit", "-q", "--amend", "--no-edit")
	c.propose()
}

func (b *bench) Approve(t *testing.T, number int) {
	if err := b.server.Approve("bob", number, ""); err != nil {
		t.Fatal(err)
	}
}

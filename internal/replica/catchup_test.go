package replica_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/gozer-ci/gozer/internal/replica"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// TestCatchUp steps a replica by hand and finds in it what Run would have made.
func TestCatchUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("acme", 2, 200)
	r := replica.New(b.config())
	for range 2 { // nothing new the second time
		if err := r.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	b.append("acme", []scheduler.Event{scheduler.CommandIgnored{Command: "a later one"}})
	if err := r.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	v, err := replica.Verify(t.Context(), replica.VerifyConfig{
		Log: b.log, Decode: codec(b.log).DecodeEvents, Models: b.models, View: r.View, Dir: t.TempDir(), Logger: quiet(),
	})
	if err != nil || !v.OK() {
		t.Fatalf("%v %+v", err, v)
	}
	if at := v.Tenants[0]; at.Live != b.heads["acme"].Seq || at.Models != at.Live {
		t.Errorf("state at %d and read models at %d of %d", at.Live, at.Models, b.heads["acme"].Seq)
	}
}

// TestCatchUpFillsDamagedModelsAnew meets a row that makes no sense.
func TestCatchUpFillsDamagedModelsAnew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.fill("acme", 2, 50)
	cfg := b.config()
	cfg.Models = &damagedOnce{Models: b.models}
	if err := replica.New(cfg).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	whole, again := new(bytes.Buffer), new(bytes.Buffer)
	if err := b.models.Dump(t.Context(), "acme", whole); err != nil {
		t.Fatal(err)
	}
	other := newBench(t)
	other.fill("acme", 2, 50)
	if err := replica.New(other.config()).CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := other.models.Dump(t.Context(), "acme", again); err != nil {
		t.Fatal(err)
	}
	if whole.Len() == 0 || !bytes.Equal(whole.Bytes(), again.Bytes()) {
		t.Errorf("%d and %d bytes of rows", whole.Len(), again.Len())
	}
}

// damagedOnce says of the first commits that the rows are damaged.
type damagedOnce struct {
	replica.Models
	said bool
}

func (d *damagedOnce) Apply(ctx context.Context, commits []store.Commit) error {
	if !d.said {
		d.said = true
		return &store.DamageError{Tenant: "acme", Where: "a test"}
	}
	return d.Models.Apply(ctx, commits)
}

package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/internal/store"
	"github.com/gozer-ci/gozer/scheduler"
)

// VerifyConfig says what Verify compares.
type VerifyConfig struct {
	Log Log
	// Snapshots may be nil.
	Snapshots Snapshots
	Decode    func(body []byte) ([]scheduler.Event, error)
	// Models are the live read models; nil leaves them out. Offline they are
	// opened read-only.
	Models *store.Store
	// View is that of a running replica; nil when there is none.
	View func(t scheduler.TenantName, fn func(s *scheduler.State, seq uint64)) error
	// Dir is an empty directory for the rebuilt read models; the caller
	// deletes it.
	Dir    string
	Logger *slog.Logger
	// Tenants to verify; none means all of the log.
	Tenants []scheduler.TenantName
	// Differences is how many differing rows are listed per tenant; 0 is 20.
	Differences int
}

// defaultDifferences is how many differing rows are listed when nothing is said.
const defaultDifferences = 20

// Verify folds the log of each tenant from its first record and compares what
// comes out with the newest snapshot, with the state that a replica shows and
// with the read models. What differs is in the Verification; an error means
// that it could not be found out.
func Verify(ctx context.Context, cfg VerifyConfig) (Verification, error) {
	if cfg.Differences == 0 {
		cfg.Differences = defaultDifferences
	}
	tenants, err := cfg.tenants(ctx)
	if err != nil {
		return Verification{}, fmt.Errorf("verify log: %w", err)
	}
	rebuilt, err := store.Open(filepath.Join(cfg.Dir, "models.db"), store.Options{Logger: cfg.Logger, NoSync: true})
	if err != nil {
		return Verification{}, fmt.Errorf("verify log: %w", err)
	}
	defer func() { _ = rebuilt.Close() }() // it is thrown away
	var out Verification
	for _, t := range tenants {
		v := verifier{cfg: &cfg, rebuilt: rebuilt, out: TenantVerification{Tenant: t},
			state: scheduler.NewState(t), chain: eventlog.Chain{Tenant: t}}
		if err := v.run(ctx); err != nil {
			return out, fmt.Errorf("verify tenant %s: %w", t, err)
		}
		out.Tenants = append(out.Tenants, v.out)
		cfg.Logger.Info("tenant verified", "tenant", t, "seq", v.out.Head.Seq, "problems", len(v.out.Problems))
	}
	return out, nil
}

// tenants returns those asked for, or all that the log or the read models have.
func (cfg *VerifyConfig) tenants(ctx context.Context) ([]scheduler.TenantName, error) {
	if len(cfg.Tenants) > 0 {
		return cfg.Tenants, nil
	}
	names, err := cfg.Log.Tenants(ctx)
	if err != nil || cfg.Models == nil {
		return names, err
	}
	more, err := cfg.Models.Tenants()
	names = append(names, more...)
	slices.Sort(names)
	return slices.Compact(names), err
}

// verifier verifies one tenant.
type verifier struct {
	cfg     *VerifyConfig
	rebuilt *store.Store
	out     TenantVerification

	state  *scheduler.State // folded from the first record
	chain  eventlog.Chain
	marks  []mark
	models uint64 // the commit up to which read models are rebuilt
	// readable says that there are read models to compare with.
	readable bool
	batch    []store.Commit
}

// mark is a state that another folding had after commit seq.
type mark struct {
	name string
	seq  uint64
	want []byte
}

func (v *verifier) run(ctx context.Context) error {
	if err := v.collect(ctx); err != nil {
		return err
	}
	head, err := v.cfg.Log.Head(ctx, v.out.Tenant)
	if err != nil {
		return err
	}
	if err := v.replay(ctx); err != nil {
		if !lasting(err) {
			return err
		}
		v.problem("%v", err)
		return nil
	}
	v.out.Head = v.chain.Head
	if v.chain.Head.Seq < head.Seq {
		v.problem("the log ends at record %d and its head is %d", v.chain.Head.Seq, head.Seq)
	}
	for _, m := range v.marks { // those that the log did not reach
		v.problem("%s is of commit %d and the log ends at %d", m.name, m.seq, v.chain.Head.Seq)
	}
	return v.compareModels(ctx)
}

// collect notes what the replay must meet on its way.
func (v *verifier) collect(ctx context.Context) error {
	t := v.out.Tenant
	if v.cfg.Snapshots != nil {
		if err := v.collectSnapshot(ctx); err != nil {
			return err
		}
	}
	if v.cfg.View != nil {
		var data []byte
		var at uint64
		var encodeErr error
		err := v.cfg.View(t, func(s *scheduler.State, seq uint64) {
			data, encodeErr = scheduler.Snapshot(s)
			at = seq
		})
		if err = errors.Join(err, encodeErr); err != nil {
			v.problem("live state: %v", err)
		} else {
			v.out.Live = at
			v.marks = append(v.marks, mark{name: "live state", seq: at, want: data})
		}
	}
	if v.cfg.Models == nil {
		return nil
	}
	p, err := v.cfg.Models.Applied(t)
	if err != nil {
		v.problem("read models: %v", err)
		return nil
	}
	v.models, v.readable = p.Seq, true
	return nil
}

func (v *verifier) collectSnapshot(ctx context.Context) error {
	snap, passed, err := v.cfg.Snapshots.Latest(ctx, v.out.Tenant, ^uint64(0))
	if err != nil {
		return fmt.Errorf("newest snapshot: %w", err)
	}
	for _, d := range passed {
		v.problem("%v", d)
	}
	if snap == nil || snap.Version != scheduler.SnapshotVersion {
		return nil
	}
	v.out.Snapshot = snap.Seq
	v.marks = append(v.marks, mark{name: "snapshot", seq: snap.Seq, want: snap.Data})
	return nil
}

// meet compares the folded state with the others of the same commit.
func (v *verifier) meet(seq uint64) error {
	left := v.marks[:0]
	for _, m := range v.marks {
		if m.seq != seq {
			left = append(left, m)
			continue
		}
		got, err := scheduler.Snapshot(v.state)
		if err != nil {
			return fmt.Errorf("encode state after commit %d: %w", seq, err)
		}
		if !bytes.Equal(got, m.want) {
			v.problem("%s of commit %d differs from the log: %s", m.name, seq, firstDifference(m.want, got))
		}
	}
	v.marks = left
	return nil
}

// firstDifference shows where two encoded states part.
func firstDifference(have, want []byte) string {
	const around = 60
	at := 0
	for at < len(have) && at < len(want) && have[at] == want[at] {
		at++
	}
	cut := func(b []byte) string {
		return fmt.Sprintf("%q", b[min(max(at-around, 0), len(b)):min(at+around, len(b))])
	}
	return fmt.Sprintf("at byte %d it has %s and should have %s", at, cut(have), cut(want))
}

package engine

import (
	"context"
	"slices"

	"github.com/gozer-ci/gozer/internal/eventlog"
	"github.com/gozer-ci/gozer/scheduler"
)

// Load reads the tenant's state from the log and returns how far the inputs
// are decided.
func (e *Engine) Load(ctx context.Context) (eventlog.InputMark, error) {
	err := e.load(ctx)
	return e.mark, err
}

// Resume goes on where an earlier life stopped, after Load; stream names the
// inputs that will come.
func (e *Engine) Resume(ctx context.Context, stream string) error {
	if stream != e.mark.Stream {
		e.mark = eventlog.InputMark{Stream: stream}
	}
	return e.resume(ctx)
}

// Step decides the answers that have come and the given inputs in one commit,
// as Run does with all that has arrived. It does not wait for anything to come.
// An error ends the engine.
func (e *Engine) Step(ctx context.Context, inputs ...Input) error {
	var batch []Delivery
	for _, m := range inputs {
		batch = e.decode(batch, m)
	}
	return e.step(ctx, batch)
}

// State is the working state. Between steps it may be read, and is what the log
// folds to.
func (e *Engine) State() *scheduler.State { return e.state }

func (e *Engine) step(ctx context.Context, inputs []Delivery) error {
	batch := e.undecided(e.answers(inputs))
	if len(batch) == 0 {
		return nil
	}
	return e.commit(ctx, batch)
}

// undecided leaves out the inputs that the log has already: they come again
// when another engine of the tenant has decided them.
func (e *Engine) undecided(batch []Delivery) []Delivery {
	decided := func(d Delivery) bool { return d.input > 0 && d.input <= e.mark.Seq }
	if !slices.ContainsFunc(batch, decided) {
		return batch
	}
	return slices.DeleteFunc(slices.Clone(batch), decided)
}

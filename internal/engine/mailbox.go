package engine

import (
	"context"
	"fmt"

	"github.com/gozer-ci/gozer/internal/wire"
	"github.com/gozer-ci/gozer/scheduler"
)

// maxBatch bounds the inputs of one commit, so that a flood can't make one
// record of it.
const maxBatch = 512

// next waits for something to decide and takes the inputs that are there; the
// answers stay in the mailbox for step. It returns too when ctx has ended.
func (e *Engine) next(ctx context.Context, in Stream) ([]Delivery, error) {
	var inputs []Delivery
	if !e.answered() {
		due, stop := e.due()
		defer stop()
		select {
		case <-ctx.Done():
			return nil, nil
		case <-due:
			inputs = []Delivery{{Command: scheduler.Tick{}}}
		case <-e.wake:
		case m, ok := <-in.C:
			if !ok {
				return nil, e.inputsEnded(ctx, in)
			}
			inputs = e.decode(inputs, m)
		}
	}
	for len(inputs) < maxBatch {
		select {
		case m, ok := <-in.C:
			if !ok {
				return nil, e.inputsEnded(ctx, in)
			}
			inputs = e.decode(inputs, m)
			continue
		default:
		}
		break
	}
	e.gather(ctx)
	return inputs, nil
}

// answered reports whether answers wait in the mailbox.
func (e *Engine) answered() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.mailbox) > 0
}

func (e *Engine) inputsEnded(ctx context.Context, in Stream) error {
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("inputs of tenant %s ended: %w", e.cfg.Tenant, in.Fail())
}

// answers moves the mailbox in front of batch: answers go first, since they can
// stop builds.
func (e *Engine) answers(batch []Delivery) []Delivery {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.mailbox) == 0 {
		return batch
	}
	out := append(e.mailbox, batch...)
	e.mailbox = nil
	return out
}

// decode appends all commands of an input, which are thus in one commit. One
// that is damaged or of a newer version is passed over with an error in the
// log: it must not stop the tenant for ever.
func (e *Engine) decode(batch []Delivery, m Input) []Delivery {
	list, err := wire.DecodeCommands(m.Data)
	if err != nil {
		e.cfg.Logger.Error("input passed over", "tenant", e.cfg.Tenant, "seq", m.Seq, "err", err)
	}
	batch = append(batch, Delivery{input: m.Seq})
	for _, c := range list {
		batch = append(batch, Delivery{Command: c, input: m.Seq})
	}
	return batch
}

// commandsOf lists the commands of a batch and the last input among them.
func commandsOf(batch []Delivery) (commands []scheduler.Command, input uint64) {
	for _, d := range batch {
		if d.Command != nil {
			commands = append(commands, d.Command)
		}
		input = max(input, d.input)
	}
	return commands, input
}

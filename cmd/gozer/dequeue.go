package main

type dequeueCmd struct{ refFlags }

// Help implements kong's detailed help.
func (dequeueCmd) Help() string {
	return `Running builds are stopped. A token for the tenant is needed.

Examples:
  gozer dequeue gate 12,1
  gozer dequeue post refs/heads/main --project org/app`
}

// Run dequeues.
func (d *dequeueCmd) Run(e *env) error { return d.send(e, "dequeue", "leaves", nil) }

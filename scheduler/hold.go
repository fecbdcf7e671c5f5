package scheduler

// holdsFollowing reports whether a job of the item, or of one ahead of it, must
// succeed before items behind may start any (Zuul documentation, "Job:
// hold-following-changes").
func (it *Item) holdsFollowing() bool {
	_, r := it.holder()
	return r != nil
}

// holder returns the job that holds, and its item. Queues without such jobs
// are not walked.
func (it *Item) holder() (*Item, *JobRun) {
	if it == nil || it.Queue.holding == 0 {
		return nil, nil
	}
	for ; it != nil && it.Live && it.Buildset != nil; it = it.Ahead {
		if r := it.Buildset.holds(); r != nil {
			return it, r
		}
	}
	return nil, nil
}

// holds returns the job of the buildset that makes following items wait, or nil.
func (b *Buildset) holds() *JobRun {
	for _, r := range b.Jobs {
		if r.Job.HoldFollowing && r.Result() != ResultSuccess {
			return r
		}
	}
	return nil
}

// mayHold reports whether there are such jobs, whatever became of them.
func (b *Buildset) mayHold() bool {
	for _, r := range b.Jobs {
		if r.Job.HoldFollowing {
			return true
		}
	}
	return false
}

// countHolding notes that the item's buildset came or went.
func (it *Item) countHolding(n int) {
	if it.Buildset != nil && it.Buildset.mayHold() {
		it.Queue.holding += n
	}
}

// markFollowing marks the items that a job of it may have held: all behind it,
// up to the next one that holds itself.
func (s *State) markFollowing(it *Item) {
	if it.Queue.holding == 0 {
		return
	}
	for _, b := range it.Behind {
		s.mark(b)
		if b.Buildset != nil && b.Buildset.holds() == nil {
			s.markFollowing(b)
		}
	}
}

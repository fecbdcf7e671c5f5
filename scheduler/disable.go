package scheduler

// A pipeline that fails again and again is probably broken itself: after so
// many failures in a row it tells only the reporters for that case (Zuul
// documentation, "Pipeline: disable-after-consecutive-failures").

// failuresCounted applies the count. A loaded layout starts it anew.
func (s *State) failuresCounted(e FailuresCounted) {
	p := s.Pipeline(e.Pipeline)
	p.Failures, p.Disabled = e.Failures, e.Disabled
}

// count notes the result of an item that was tested to its end. It follows the
// report, so that the failure that disables the pipeline is itself still told
// as usual.
func (t *turn) count(p *Pipeline, result Result) {
	n := 0
	switch {
	case p.Config.DisableAfter == 0:
		return
	case result == ResultFailure:
		n = p.Failures + 1
	case result != ResultSuccess:
		return
	}
	disabled := p.Disabled || n >= p.Config.DisableAfter
	if n != p.Failures || disabled != p.Disabled {
		t.emit(FailuresCounted{Pipeline: p.Config.Name, Failures: n, Disabled: disabled})
	}
}

// told returns the phase that an outcome is told as, and who hears it.
// Projects that have no part in a disabled pipeline are left alone.
func (p *Pipeline) told(a Action, inPipeline bool) (Action, []Reporter) {
	if p.Disabled && inPipeline {
		a = ActionDisabled
	}
	return a, p.Config.reporters(a)
}

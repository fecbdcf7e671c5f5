package explain

import "github.com/gozer-ci/gozer/scheduler"

// pipelineRows tell of pipelines as a whole.
var pipelineRows = []row{
	rowOf(sayFailuresCounted),
}

func sayFailuresCounted(_ *who, e scheduler.FailuresCounted) Said {
	switch {
	case e.Disabled:
		return sayf("%s is disabled: only its reporters for that case are told of results", e.Pipeline).
			because(count(e.Failures, "item") + " in a row failed")
	case e.Failures == 0:
		return sayf("%s counts failures in a row from the beginning", e.Pipeline).minor()
	}
	return sayf("%s counts %s in a row", e.Pipeline, count(e.Failures, "failure")).minor()
}

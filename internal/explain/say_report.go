package explain

import "github.com/gozer-ci/gozer/scheduler"

// reportRows tell of what sources were told.
var reportRows = []row{
	rowOf(sayReportRequested),
	rowOf(sayReportCompleted),
}

var reportWords = map[scheduler.Action]string{
	scheduler.ActionEnqueue:       "that it is in the pipeline",
	scheduler.ActionStart:         "that its jobs begin",
	scheduler.ActionSuccess:       "that it succeeded",
	scheduler.ActionFailure:       "that it failed",
	scheduler.ActionMergeConflict: "of the merge conflict",
	scheduler.ActionConfigError:   "of the configuration errors",
	scheduler.ActionNoJobs:        "that it has no jobs to run",
	scheduler.ActionDequeue:       "that it left",
	scheduler.ActionDisabled:      "of the result while the pipeline is disabled",
}

func sayReportRequested(_ *who, e scheduler.ReportRequested) Said {
	text := "The source is told " + orElse(reportWords[e.Action], "of "+string(e.Action))
	if len(e.Reporters) == 0 {
		text = "Nobody is told " + orElse(reportWords[e.Action], "of "+string(e.Action))
	}
	if e.Submit {
		text += ", and asked to merge it"
	}
	return sayf("%s", text)
}

func sayReportCompleted(w *who, e scheduler.ReportCompleted) Said {
	switch asked, known := w.reports[e.Report]; {
	case e.Merged:
		return sayf("The source merged it")
	case e.Stale:
		return sayf("The source did not merge it, and it is tested again: a branch moved under the tested state").because(e.Detail)
	case known && !asked.Submit || e.Detail == "":
		return sayf("The source was told").minor()
	}
	return sayf("The source did not merge it").because(e.Detail)
}

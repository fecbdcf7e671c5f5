package explain

import "github.com/gozer-ci/gozer/scheduler"

// layoutRows tell of the tenant's configuration.
var layoutRows = []row{
	rowOf(sayReconfigureRequested),
	rowOf(sayLayoutLoaded),
}

func sayReconfigureRequested(_ *who, e scheduler.ReconfigureRequested) Said {
	return sayf("The configuration is loaded again; events wait until it is").because(e.Reason)
}

func sayLayoutLoaded(w *who, e scheduler.LayoutLoaded) Said {
	if e.Layout == nil {
		return sayf("The configuration could not be loaded; the one before stays in force").because(w.requests[e.Request])
	}
	text := "A configuration came into force; every item is looked at again"
	if e.Errors > 0 {
		return sayf("%s; it has %s", text, count(e.Errors, "problem")).because(w.requests[e.Request])
	}
	return sayf("%s", text).because(w.requests[e.Request])
}

// Package preparer answers two effects of the core: it loads a tenant's
// configuration, and it prepares items: merge, layout, frozen jobs.
//
// It holds no state that the repositories do not: after a restart the same
// questions get the same answers.
package preparer

// Package tenants turns configuration into layouts: Zuul's tenant file and the
// in-repository configuration of its projects become immutable Layout values,
// and a layout freezes the jobs of an item.
//
// Everything here is a pure function of the files it is given: nothing is
// read, nothing is remembered between calls but a cache of parsed files.
// Whatever a person can get wrong becomes a Diagnostic with its place; all of
// them are collected, a broken object is left out and the rest loads.
//
// The way of a configuration: ParseTenants reads the tenant file (tenant.go),
// Tenant.Load selects each project's files (files.go), decodes the objects of
// each file once (decode.go and one file per noun), links them by name
// (link.go) into a Layout; Layout.With does it again with speculative files,
// and Layout.Freeze applies the job variants (variant.go, freeze.go).
package tenants

// Package natssource lets any program trigger pipelines: it takes events that
// are published on NATS for a tenant, checks them against a JSON Schema, finds
// the ref that they mean, and hands them to the scheduler. Reports go back on
// subjects of the tenant. The protocol is in docs/events.md.
package natssource

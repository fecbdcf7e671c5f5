// Package nodes serves node requests: it keeps them in order and asks
// providers for nodes. Which nodes a job has is decided, and remembered, by
// the tenant's scheduler; the service is told when a tenant's state is loaded.
package nodes

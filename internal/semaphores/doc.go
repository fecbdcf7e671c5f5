// Package semaphores is the arbiter of global semaphores: those that tenants
// share. Each tenant decides for itself and has its own log; the arbiter is
// the one place that knows what all of them hold. It remembers nothing: when a
// tenant's state is loaded, it is told what that tenant holds and asks for.
package semaphores

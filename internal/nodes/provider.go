package nodes

import (
	"context"

	"github.com/gozer-ci/gozer/scheduler"
)

// Provider makes nodes. Its methods are called by several goroutines.
type Provider interface {
	Name() string
	// Serves says why the provider can never make the nodes for a tenant; nil
	// when it can.
	Serves(t scheduler.TenantName, n scheduler.Nodeset) error
	// Reserve sets room aside for all the nodes; false when there is none now.
	Reserve(n scheduler.Nodeset) bool
	// Make makes the nodes of a request whose room is reserved. It may take
	// long. After an error the room is still reserved.
	Make(ctx context.Context, r scheduler.RequestNodes) ([]scheduler.ProvidedNode, error)
	// Adopt takes nodes over that an earlier life made, with their room.
	Adopt(nodes []scheduler.ProvidedNode)
	// Free gives room back, and the nodes if they were made.
	Free(n scheduler.Nodeset, made []scheduler.ProvidedNode)
}

package executor

import (
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// nodeVars lists the nodes of the build, as the job's nodeset names them.
func nodeVars(nodes []scheduler.ProvidedNode) []object {
	all := make([]object, 0, len(nodes))
	for _, n := range nodes {
		v := object{"name": n.Name, "label": n.Label, "id": n.ID, "provider": n.Provider, "connection": n.Connection}
		if n.Host != "" {
			v["host"], v["port"], v["username"] = n.Host, n.Port, n.Username
		}
		all = append(all, v)
	}
	return all
}

// nodeNames are the names of the build's nodes for shells.
func nodeNames(nodes []scheduler.ProvidedNode) string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = n.Name
	}
	return strings.Join(names, " ")
}

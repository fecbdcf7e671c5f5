package tenants

import (
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// driverWords tell the driver of a connection by its name, where the
// connections of the system are not known. The first that is in the name
// counts.
var driverWords = []string{
	"gerrit", "github", "gitlab", "pagure", "smtp", "mqtt", "elasticsearch", "mysql", "postgres", "sql", "nats",
	"timer", "zuul", "git", "local",
}

// guessDriver returns a driver for a connection of that name, or an empty
// string.
func guessDriver(name scheduler.ConnectionName) string {
	lower := strings.ToLower(string(name))
	for _, w := range driverWords {
		if !strings.Contains(lower, w) {
			continue
		}
		if w == "mysql" || w == "postgres" {
			return "sql"
		}
		return w
	}
	return ""
}

// guessed is the connection that a pipeline names when those of the system are
// not known. An unknown name is no mistake then: reporters need no projects,
// and tenants share pipelines.
func (t *Tenant) guessed(name scheduler.ConnectionName) Connection {
	if c, ok := t.Connections[name]; ok {
		return c
	}
	return Connection{Driver: guessDriver(name)}
}

// guessProject finds a project by a canonical name whose host is not known. Of
// several with its short name, it is the one whose connection has most words in
// common with the host.
func (t *Tenant) guessProject(name string) *TenantProject {
	host, short, ok := strings.Cut(name, "/")
	if !ok {
		return nil
	}
	words := strings.FieldsFunc(strings.ToLower(host), func(r rune) bool { return r == '.' || r == '-' || r == '_' })
	var best *TenantProject
	most := -1
	for _, p := range t.Projects {
		common := 0
		for _, w := range words {
			if strings.Contains(strings.ToLower(string(p.Connection)), w) {
				common += len(w)
			}
		}
		if p.Name == short && common > most {
			best, most = p, common
		}
	}
	return best
}

package app

import (
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
	"github.com/gozer-ci/gozer/web/tenantview"
)

// layouts shows the configuration of tenants to the web.
type layouts struct{ app *App }

func (l layouts) Tenants() []scheduler.TenantName { return l.app.tenants.names() }

func (l layouts) Layout(t scheduler.TenantName) web.Layout {
	if x := l.app.tenants.find(t); x != nil {
		if full := x.preparer.Layout(); full != nil {
			return sourced{tenantview.New(full), l.app}
		}
	}
	return nil
}

// sourced adds to a layout what only the sources know.
type sourced struct {
	web.Layout
	app *App
}

// Project adds the default branch of the repository, unless the configuration
// names one.
func (s sourced) Project(name string) (web.ProjectDetail, error) {
	out, err := s.Layout.Project(name)
	if err != nil {
		return out, err
	}
	for _, c := range out.Configs {
		if c.DefaultBranch != nil {
			return out, nil
		}
	}
	if src := s.app.locals[out.ConnectionName]; src != nil {
		if p, err := src.Project(out.Name); err == nil {
			out.Metadata.DefaultBranch = p.DefaultBranch
		}
	}
	return out, nil
}

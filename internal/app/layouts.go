package app

import (
	"github.com/gozer-ci/gozer/scheduler"
	"github.com/gozer-ci/gozer/web"
	"github.com/gozer-ci/gozer/web/tenantview"
)

// layouts shows the configuration of tenants to the web.
type layouts struct{ app *App }

func (l layouts) Tenants() []scheduler.TenantName { return l.app.tenantNames() }

func (l layouts) Layout(t scheduler.TenantName) web.Layout {
	if x := l.app.tenant(t); x != nil {
		if full := x.preparer.Layout(); full != nil {
			return tenantview.New(full)
		}
	}
	return nil
}

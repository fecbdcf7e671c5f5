package ui

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	gozer "github.com/gozer-ci/gozer"
)

// The server of these tests answers as the contract says, so a page that
// works with it works with the real one.
func TestFakeKeepsTheContract(t *testing.T) {
	t.Parallel()
	contract, err := openapi3.NewLoader().LoadFromData(gozer.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	f := newFake(t)
	const tenant = "/api/tenant/{tenant_name}"
	cases := map[string]string{
		"/api/info":                                     "/api/info",
		"/api/tenants":                                  "/api/tenants",
		"/api/connections":                              "/api/connections",
		tenant + "/status":                              "/api/tenant/acme/status",
		tenant + "/builds":                              "/api/tenant/acme/builds?limit=200",
		tenant + "/buildsets":                           "/api/tenant/acme/buildsets?limit=200",
		tenant + "/projects":                            "/api/tenant/acme/projects",
		tenant + "/jobs":                                "/api/tenant/acme/jobs",
		tenant + "/pipelines":                           "/api/tenant/acme/pipelines",
		tenant + "/build/{uuid}":                        "/api/tenant/acme/build/" + failedBuild,
		tenant + "/buildset/{uuid}":                     "/api/tenant/acme/buildset/" + failedSet,
		tenant + "/tenant-status":                       "/api/tenant/acme/tenant-status",
		tenant + "/config-errors":                       "/api/tenant/acme/config-errors",
		tenant + "/change/{change}/history":             "/api/tenant/acme/change/12/history",
		tenant + "/explain/{what}":                      "/api/tenant/acme/explain/15,2",
		"/api/connection/{connection}/changes":          "/api/connection/local/changes",
		"/api/connection/{connection}/changes/{number}": "/api/connection/local/changes/12",
	}
	for template, target := range cases {
		t.Run(template, func(t *testing.T) {
			t.Parallel()
			path := contract.Paths.Find(template)
			if path == nil || path.Get == nil {
				t.Fatal("the contract has no such operation")
			}
			answer, err := http.Get(f.URL + target)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			var value any
			if err := json.NewDecoder(answer.Body).Decode(&value); err != nil {
				t.Fatal(err)
			}
			schema := path.Get.Responses.Status(200).Value.Content["application/json"].Schema.Value
			report(t, schema.VisitJSON(value, openapi3.MultiErrors()))
		})
	}
}

// report names each place where an answer leaves the contract.
func report(t *testing.T, err error) {
	t.Helper()
	var many openapi3.MultiError
	if errors.As(err, &many) {
		for _, one := range many {
			report(t, one)
		}
		return
	}
	var one *openapi3.SchemaError
	if errors.As(err, &one) {
		t.Errorf("at %v: %s", one.JSONPointer(), one.Reason)
	} else if err != nil {
		t.Error(err)
	}
}

package web

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/go-chi/chi/v5"

	gozer "github.com/gozer-ci/gozer"
)

// operation is the part of the contract that describes rt.
func (s *Server) operation(rt route) (*openapi3.Operation, error) {
	item := s.doc.Paths.Value(rt.pattern)
	if item == nil || item.GetOperation(rt.method) == nil {
		return nil, fmt.Errorf("openapi.yaml lacks %s %s", rt.method, rt.pattern)
	}
	return item.GetOperation(rt.method), nil
}

// parameterCheck holds the path, query and headers of a request to the
// contract. Bodies are checked when a handler reads them, since Zuul looks
// the project up in between.
func (s *Server) parameterCheck(rt route, op *openapi3.Operation) func(*call) error {
	if op == nil {
		return func(*call) error { return nil }
	}
	item := s.doc.Paths.Value(rt.pattern)
	known := queryParameters(item, op)
	open := *op
	open.Security = &openapi3.SecurityRequirements{} // authorize did it; the library would read the body
	described := &routers.Route{Spec: s.doc, Path: rt.pattern, PathItem: item, Method: rt.method, Operation: &open}
	options := &openapi3filter.Options{ExcludeRequestBody: true}
	return func(c *call) error {
		query := c.URL.Query()
		for name := range query {
			if !known[name] {
				return notFound(fmt.Sprintf("Unexpected query string parameter %.60q", name), "GET /openapi.yaml lists the parameters of each route.")
			}
		}
		err := openapi3filter.ValidateRequest(c.Context(), &openapi3filter.RequestValidationInput{
			Request: c.Request, PathParams: pathParams(c.Request), QueryParams: query, Route: described, Options: options,
		})
		if err != nil {
			return invalid("%s", firstLine(err))
		}
		return nil
	}
}

func queryParameters(item *openapi3.PathItem, op *openapi3.Operation) map[string]bool {
	known := make(map[string]bool)
	for _, list := range []openapi3.Parameters{item.Parameters, op.Parameters} {
		for _, p := range list {
			if p.Value.In == openapi3.ParameterInQuery {
				known[p.Value.Name] = true
			}
		}
	}
	return known
}

// pathParams gives kin-openapi the parameters as the router found them.
func pathParams(r *http.Request) map[string]string {
	rctx := chi.RouteContext(r.Context())
	params := make(map[string]string, len(rctx.URLParams.Keys))
	for i, key := range rctx.URLParams.Keys {
		params[key] = unescape(rctx.URLParams.Values[i])
	}
	return params
}

// serveContract gives the contract to who wants to write a client.
func (s *Server) serveContract(w http.ResponseWriter, r *http.Request) {
	allowAnyOrigin(w.Header())
	w.Header().Set("Content-Type", "application/yaml")
	http.ServeContent(w, r, "", s.opened, bytes.NewReader(gozer.OpenAPI))
}

package web

import (
	"net/http"
	"slices"
	"strings"
)

func allowAnyOrigin(h http.Header) { h.Set("Access-Control-Allow-Origin", "*") }

// preflight answers OPTIONS before anything else is looked at.
func preflight(methods []string) http.Handler {
	list := strings.Join(append(slices.Clone(methods), http.MethodOptions), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		allowAnyOrigin(h)
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
		h.Set("Access-Control-Allow-Methods", list)
		h.Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	})
}

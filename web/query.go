package web

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gozer-ci/gozer/scheduler"
)

// The contract has checked the query before these run, so numbers are numbers.

// number reads an integer; missing gives def.
func number(q url.Values, key string, def int) int {
	if n, err := strconv.Atoi(q.Get(key)); err == nil {
		return n
	}
	return def
}

// numbers reads integers; what is none can match nothing and becomes -1.
func numbers(q url.Values, key string) []int {
	var out []int
	for _, v := range q[key] {
		n, err := strconv.Atoi(v)
		if err != nil {
			n = -1
		}
		out = append(out, n)
	}
	return out
}

// results reads result words.
func results(q url.Values, key string) []scheduler.Result {
	var out []scheduler.Result
	for _, v := range q[key] {
		out = append(out, scheduler.Result(v))
	}
	return out
}

// truths reads 1 and 0, or true and false in any case.
func truths(q url.Values, key string) []bool {
	var out []bool
	for _, v := range q[key] {
		out = append(out, truth(v))
	}
	return out
}

func truth(v string) bool { return v == "1" || strings.EqualFold(v, "true") }

// choice reads a truth that may be left out.
func choice(q url.Values, key string) *bool {
	if !q.Has(key) {
		return nil
	}
	v := truth(q.Get(key))
	return &v
}

// page reads limit, skip and the bounds of row numbers.
func page(q url.Values) Page {
	return Page{
		Limit: number(q, "limit", 50), Skip: number(q, "skip", 0),
		MinID: uint64(max(number(q, "idx_min", 0), 0)), MaxID: uint64(max(number(q, "idx_max", 0), 0)),
	}
}

// cut is list without its first skip elements and at most limit long.
func cut[T any](list []T, skip, limit int) []T {
	list = list[min(max(skip, 0), len(list)):]
	return list[:min(max(limit, 0), len(list))]
}

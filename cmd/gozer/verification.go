package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/gozer-ci/gozer/internal/client"
	"github.com/gozer-ci/gozer/internal/replica"
)

// showVerification prints what was found, and fails when something differs.
func showVerification(e *env, doc json.RawMessage) error {
	var found client.Verification
	if err := json.Unmarshal(doc, &found); err != nil {
		return fmt.Errorf("the server's answer is not understood; is it of another version? %w", err)
	}
	err := show(e, doc, func(w io.Writer, v client.Verification) {
		for i := range v.Tenants {
			writeVerification(w, &v.Tenants[i])
		}
	})
	if err == nil && !found.OK {
		return &silent{exitRefused}
	}
	return err
}

// writeVerification writes a line for a tenant and below it what differs.
func writeVerification(w io.Writer, t *client.TenantVerification) {
	word, live := "ok", ""
	if !t.OK {
		word = "DIFFERS"
	}
	if t.Live > 0 {
		live = fmt.Sprintf("live state %d, ", t.Live)
	}
	fmt.Fprintf(w, "%s: %s: %d commits, %d events, head %d %.16s, %ssnapshot %d, read models %d with %d rows\n",
		plain(t.Name), word, t.Commits, t.Events, t.Head, plain(t.Hash), live, t.Snapshot, t.Models, t.Rows)
	for _, list := range [][]string{t.Problems, t.Differences} {
		for _, text := range list {
			fmt.Fprintln(w, "  "+strings.TrimSpace(plain(text)))
		}
	}
}

// verificationOf is the form that a server answers with.
func verificationOf(found replica.Verification) client.Verification {
	out := client.Verification{OK: found.OK(), Tenants: []client.TenantVerification{}}
	for i := range found.Tenants {
		t := &found.Tenants[i]
		r := client.TenantVerification{
			Name: string(t.Tenant), OK: t.OK(), Head: t.Head.Seq, Hash: fmt.Sprintf("%x", t.Head.Hash), Commits: t.Commits,
			Events: t.Events, Live: t.Live, Snapshot: t.Snapshot, Models: t.Models, Rows: t.Rows,
			Problems: append([]string{}, t.Problems...), Differences: []string{},
		}
		for _, d := range t.Differences {
			r.Differences = append(r.Differences, d.String())
		}
		out.Tenants = append(out.Tenants, r)
	}
	return out
}

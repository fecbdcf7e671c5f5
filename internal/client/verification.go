package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// Verification is what a server found when it compared its log with what is
// made from it.
type Verification struct {
	OK      bool                 `json:"ok"`
	Tenants []TenantVerification `json:"tenants"`
}

// TenantVerification is the part of one tenant. Live, Snapshot and Models are
// the commits that were compared; 0 when there was none.
type TenantVerification struct {
	Name        string   `json:"name"`
	OK          bool     `json:"ok"`
	Head        uint64   `json:"head"`
	Hash        string   `json:"hash"`
	Commits     int      `json:"commits"`
	Events      int      `json:"events"`
	Live        uint64   `json:"live"`
	Snapshot    uint64   `json:"snapshot"`
	Models      uint64   `json:"models"`
	Rows        int      `json:"rows"`
	Problems    []string `json:"problems"`
	Differences []string `json:"differences"`
}

// VerifyLog lets the server verify the log of tenants, of all when none are
// named, and returns the Verification as it came. It takes as long as the log
// is long; ctx bounds it.
func (c *Client) VerifyLog(ctx context.Context, tenants []string) (json.RawMessage, error) {
	return c.patient().Get(ctx, "/api/verify-log", url.Values{"tenant": tenants})
}

// patient is c without a limit on how long an answer may be worked on.
func (c *Client) patient() *Client {
	transport := c.http.Transport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 0
	transport.DisableKeepAlives = true // it is used once
	return &Client{base: c.base, token: c.token, http: &http.Client{Transport: transport, CheckRedirect: c.http.CheckRedirect}}
}

// HasToken reports whether the client sends a token.
func (c *Client) HasToken() bool { return c.token != "" }

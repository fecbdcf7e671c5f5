package client

import (
	"context"
	"net/http"
)

// Autohold is an autohold request.
type Autohold struct {
	ID             string   `json:"id"`
	Tenant         string   `json:"tenant"`
	Project        string   `json:"project"`
	Job            string   `json:"job"`
	RefFilter      string   `json:"ref_filter"`
	MaxCount       int      `json:"max_count"`
	CurrentCount   int      `json:"current_count"`
	Reason         string   `json:"reason"`
	NodeExpiration *int64   `json:"node_expiration"` // seconds
	Expired        *float64 `json:"expired"`         // seconds since the epoch
	Nodes          []struct {
		Build string   `json:"build"`
		Nodes []string `json:"nodes"`
	} `json:"nodes"`
}

// Delete deletes what a path names. The error is an *Error when the server
// refuses.
func (c *Client) Delete(ctx context.Context, path string) error {
	resp, err := c.do(ctx, http.MethodDelete, path, nil, nil)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

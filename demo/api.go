package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// api talks to the server as any client does.
type api struct {
	url, token string
	http       http.Client
}

// call sends a request and decodes the answer into out, unless out is nil.
func (a *api) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.url+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, data)
	}
	if out == nil {
		return nil
	}
	if text, ok := out.(*string); ok {
		*text = string(data)
		return nil
	}
	return json.Unmarshal(data, out)
}

// The parts of the API's answers that the demo reads.
type (
	historyDoc struct {
		Items []struct {
			ID        string  `json:"id"`
			Pipeline  string  `json:"pipeline"`
			Result    *string `json:"result"`
			Decisions []struct {
				Seq  uint64 `json:"seq"`
				Kind string `json:"kind"`
				Text string `json:"text"`
			} `json:"decisions"`
		} `json:"items"`
	}
	changeDoc struct {
		Number int    `json:"number"`
		Status string `json:"status"`
		URL    string `json:"url"`
		Commit string `json:"commit"`
		Votes  []struct {
			Label string `json:"label"`
			Value int    `json:"value"`
			User  string `json:"user"`
		} `json:"votes"`
	}
	buildDoc struct {
		UUID   string  `json:"uuid"`
		Job    string  `json:"job_name"`
		Result *string `json:"result"`
		LogURL *string `json:"log_url"`
	}
)

// await asks again and again until done says so; the demo watches a machine
// that it does not control.
func await(ctx context.Context, every time.Duration, done func(context.Context) (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		ok, err := done(ctx)
		if err != nil || ok {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}

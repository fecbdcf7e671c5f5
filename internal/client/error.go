package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Error says why the server did not do what was asked.
type Error struct {
	Server string
	// Status of HTTP; 0 when there was no answer.
	Status int
	// Code is one of the API's, such as not_found; it may be empty.
	Code   string
	Detail string
	// Hint says what to do; it may be empty.
	Hint      string
	RequestID string
	// Unreachable says that the server did not answer in full, so that trying
	// again may help.
	Unreachable bool
}

func (e *Error) Error() string {
	s := e.Detail
	if e.Status >= 500 && e.RequestID != "" {
		s += " (request " + e.RequestID + ")"
	}
	if e.Hint != "" {
		s += "\n" + e.Hint
	}
	return s
}

func unreachable(server string, err error) *Error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &Error{
		Server: server, Unreachable: true,
		Detail: fmt.Sprintf("no answer from %s: %v", server, err),
		Hint:   "start a server with: gozer serve; or name another one with --url or GOZER_URL",
	}
}

// refusal reads an answer without success: problem+json, or Zuul's form for
// tokens.
func (c *Client) refusal(resp *http.Response) *Error {
	e := &Error{Server: c.URL(), Status: resp.StatusCode}
	data, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		data = nil
	}
	var p struct {
		Detail, Description, Error, Code, Hint string
		RequestID                              string `json:"request_id"`
	}
	if json.Unmarshal(data, &p) == nil {
		e.Code, e.Hint, e.RequestID = p.Code, p.Hint, p.RequestID
		e.Detail = p.Detail
		if e.Detail == "" {
			e.Detail = p.Description
		}
	}
	if e.Detail == "" {
		e.Detail = fmt.Sprintf("%s answered %s", c.URL(), strings.ToLower(resp.Status))
	}
	if resp.StatusCode == http.StatusUnauthorized {
		e.Code = "unauthenticated"
		e.Hint = "make a token with: gozer admin create-auth-token; then give it with --token, GOZER_TOKEN or in ~/.config/gozer/token"
	}
	return e
}

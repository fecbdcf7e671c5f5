package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"github.com/gozer-ci/gozer/internal/client"
)

// connect returns a client of the server, with the token when there is one.
func (e *env) connect() (*client.Client, error) {
	token := e.Token
	if token == "" && e.TokenFile != "" {
		data, err := os.ReadFile(e.TokenFile)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read token: %w", err)
		}
		token = strings.TrimSpace(string(data))
	}
	c, err := client.New(e.URL, token)
	if err != nil {
		return nil, misused("%v", err)
	}
	return c, nil
}

// tenantFlag is for commands about one tenant.
type tenantFlag struct {
	Tenant string `help:"Tenant; not needed when the server has one only." env:"GOZER_TENANT" short:"t" placeholder:"NAME"`
}

// pick returns the tenant that is meant.
func (f tenantFlag) pick(e *env, c *client.Client) (string, error) {
	if f.Tenant != "" {
		return f.Tenant, nil
	}
	doc, err := c.Get(e.ctx, "/api/tenants", nil)
	if err != nil {
		return "", err
	}
	var list []struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(doc, &list); err != nil {
		return "", fmt.Errorf("list tenants: %w", err)
	}
	if len(list) == 1 {
		return list[0].Name, nil
	}
	names := make([]string, len(list))
	for i, t := range list {
		names[i] = t.Name
	}
	if len(names) == 0 {
		return "", errors.New("the server has no tenants; see gozer tenant check --help")
	}
	return "", misused("which tenant? Say --tenant with one of: %s", strings.Join(names, ", "))
}

// connectionFlag is for commands about the built-in code review.
type connectionFlag struct {
	Connection string `help:"Connection of the code review." default:"local" placeholder:"NAME"`
}

func (f connectionFlag) path(segments ...string) string {
	return "/api" + client.Path(append([]string{"connection", f.Connection}, segments...)...)
}

// projectPath escapes a project's name but for its slashes, which stand as
// they are in the API.
func projectPath(name string) string {
	return client.Path(strings.Split(name, "/")...)
}

// set adds a query parameter that is not empty.
func set(q url.Values, name string, values ...string) {
	for _, v := range values {
		if v != "" {
			q.Add(name, v)
		}
	}
}

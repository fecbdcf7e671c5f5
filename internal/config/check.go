package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

var connectionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// checks are the values of the check tag.
var checks = map[string]func(string) error{
	"address": checkAddress,
	"url":     checkURL,
	"name": func(text string) error {
		if !connectionName.MatchString(text) {
			return fmt.Errorf("%q is not a name: letters, digits, dots, dashes and underscores are allowed", text)
		}
		return nil
	},
}

func checkAddress(text string) error {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return fmt.Errorf("%q is not host:port, such as 127.0.0.1:9000", text)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q has no port between 0 and 65535", text)
	}
	return nil
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return fmt.Errorf("%q is not a URL with scheme and host", text)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return errors.New("the URL must end with its path")
	}
	return nil
}

// rangeFault compares a number with the field's min and max tags.
func rangeFault(f reflect.StructField, v reflect.Value) string {
	for _, bound := range []struct {
		tag, word string
		sign      int64
	}{{"min", "at least", 1}, {"max", "at most", -1}} {
		text, ok := f.Tag.Lookup(bound.tag)
		if !ok {
			continue
		}
		limit := reflect.New(v.Type()).Elem()
		if err := setScalar(limit, text); err != nil {
			panic("config: " + bound.tag + " of key " + f.Tag.Get("key") + ": " + err.Error())
		}
		if (v.Int()-limit.Int())*bound.sign < 0 {
			return "must be " + bound.word + " " + text
		}
	}
	return ""
}

// relations checks what concerns more than one key.
func (d *decoder) relations(c *Config) {
	d.connections(c.Connections)
	names := map[string]bool{}
	for i, a := range c.Auth.Authenticators {
		path := fmt.Sprintf("auth.authenticators[%d]", i)
		d.required(path, "name", a.Name, names)
		switch {
		case a.Secret == "" && a.SecretFile == "":
			d.add(d.node(path), "missing-key", path+" needs secret or secret-file", "")
		case a.Secret != "" && a.SecretFile != "":
			d.add(d.node(path+".secret"), "conflict", path+" has both secret and secret-file", "")
		case a.Secret != "" && len(a.Secret) < minSecret:
			d.add(d.node(path+".secret"), "value", fmt.Sprintf("%s.secret has %d bytes, %d are the least", path, len(a.Secret), minSecret), "make one with: openssl rand -hex 32")
		}
	}
	labels := map[string]bool{}
	for i, l := range c.Nodes.Labels {
		d.required(fmt.Sprintf("nodes.labels[%d]", i), "name", l.Name, labels)
	}
	if s := c.Scheduler; s.MaxHoldExpiration > 0 && s.DefaultHoldExpiration > s.MaxHoldExpiration {
		d.add(d.node("scheduler.default-hold-expiration"), "conflict", "scheduler.default-hold-expiration is longer than max-hold-expiration", "")
	}
	if c.NATS.URL != "" && c.NATS.Listen != "" {
		d.add(d.node("nats.listen"), "conflict", "nats.listen opens the embedded server, which nats.url replaces", "remove one of them")
	}
	if c.NATS.URL == "" && (c.NATS.Credentials != "" || c.NATS.Username != "") {
		d.add(d.node("nats"), "conflict", "nats.credentials and nats.username need nats.url", "")
	}
}

func (d *decoder) connections(list []Connection) {
	// Two would share their repositories, or take events from each other.
	names, drivers := map[string]bool{}, map[string]bool{}
	for i, c := range list {
		path := fmt.Sprintf("connections[%d]", i)
		d.required(path, "name", c.Name, names)
		d.required(path, "driver", c.Driver, map[string]bool{})
		if c.Driver != "" && drivers[c.Driver] {
			d.add(d.node(path), "conflict", fmt.Sprintf("there can be one connection of driver %s only", c.Driver), "")
		}
		drivers[c.Driver] = true
	}
}

// required adds a mistake when value is empty or among seen.
func (d *decoder) required(path, key, value string, seen map[string]bool) {
	if value == "" {
		d.add(d.node(path), "missing-key", fmt.Sprintf("%s needs %s", path, key), "")
		return
	}
	if seen[value] {
		d.add(d.node(path+"."+key), "conflict", fmt.Sprintf("%s.%s: %q is taken", path, key, value), "")
	}
	seen[value] = true
}

func (d *decoder) node(path string) *yaml.Node {
	if n, ok := d.at[path]; ok {
		return n
	}
	return &yaml.Node{Line: 1, Column: 1}
}

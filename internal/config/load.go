package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// maxFile bounds gozer.yaml; a real one has a few kilobytes.
const maxFile = 1 << 20

// Default is the configuration without a file.
func Default() Config {
	var c Config
	fillDefaults(&c)
	c.Connections = []Connection{{Name: "local", Driver: "local"}, {Name: "nats", Driver: "nats"}}
	return finish(c)
}

// Load reads path; an empty path is Default. Paths in the file are relative to
// its directory. The error is a Diagnostics when the content is at fault.
func Load(path string) (Config, error) {
	if path == "" {
		return Default(), nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	if info.Size() > maxFile {
		return Config{}, fmt.Errorf("configuration %s has %d bytes, %d are allowed", path, info.Size(), maxFile)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	c, err := Parse(path, data)
	if err != nil {
		return Config{}, err
	}
	c.resolve(filepath.Dir(path))
	return c, nil
}

// Parse reads the content of a configuration; name is used in messages only.
// Paths stay as written. The error is a Diagnostics.
func Parse(name string, data []byte) (Config, error) {
	c := Default()
	connections := c.Connections
	c.Connections = nil
	for i := range connections {
		connections[i].CanonicalHostname = ""
	}
	d := decoder{name: name}
	d.document(data, &c)
	d.relations(&c)
	if len(d.found) > 0 {
		slices.SortStableFunc(d.found, Diagnostic.compare)
		return Config{}, d.found
	}
	if len(c.Connections) == 0 {
		c.Connections = connections
	}
	return finish(c), nil
}

// finish fills what defaults from other keys.
func finish(c Config) Config {
	for i, conn := range c.Connections {
		if conn.CanonicalHostname == "" {
			c.Connections[i].CanonicalHostname = conn.Name
		}
	}
	return c
}

// resolve makes the paths of c relative to the working directory.
func (c *Config) resolve(dir string) {
	paths := []*string{&c.Data, &c.Tenants, &c.NATS.Credentials, &c.NATS.PasswordFile}
	for i := range c.Auth.Authenticators {
		paths = append(paths, &c.Auth.Authenticators[i].SecretFile)
	}
	for _, p := range paths {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

package main

import "github.com/gozer-ci/gozer/internal/config"

// configFlag is for commands that work with the server's files.
type configFlag struct {
	Config string `help:"Configuration file (docs/configuration.md)." env:"GOZER_CONFIG" type:"path" placeholder:"FILE"`
	Data   string `help:"Data directory, before the file's." env:"GOZER_DATA" type:"path" placeholder:"DIR"`
}

func (f configFlag) load() (config.Config, error) {
	cfg, err := config.Load(f.Config)
	if err != nil {
		return config.Config{}, err
	}
	if f.Data != "" {
		cfg.Data = f.Data
	}
	return cfg, nil
}

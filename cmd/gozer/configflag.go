package main

import (
	"os"

	"github.com/gozer-ci/gozer/internal/config"
)

// configFlag is for commands that work with the server's files.
type configFlag struct {
	Config string `help:"Configuration file (docs/configuration.md); without it, gozer.yaml here, if there is one." env:"GOZER_CONFIG" type:"path" placeholder:"FILE"`
	Data   string `help:"Data directory, before the file's." env:"GOZER_DATA" type:"path" placeholder:"DIR"`
}

// usualConfig is read where no file is named: what lies beside the data and has
// the name of the documentation is meant.
const usualConfig = "gozer.yaml"

func (f configFlag) load() (config.Config, error) {
	file := f.Config
	if _, err := os.Stat(usualConfig); file == "" && err == nil {
		file = usualConfig
	}
	cfg, err := config.Load(file)
	if err != nil {
		return config.Config{}, err
	}
	if f.Data != "" {
		cfg.Data = f.Data
	}
	return cfg, nil
}

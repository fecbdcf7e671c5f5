package web

import (
	"fmt"
	"time"
)

// infoDoc tells clients what this installation can do.
type infoDoc struct {
	Info struct {
		Capabilities struct {
			JobHistory bool     `json:"job_history"`
			Auth       infoAuth `json:"auth"`
		} `json:"capabilities"`
		WebsocketURL *string   `json:"websocket_url"`
		Stats        infoStats `json:"stats"`
		Tenant       string    `json:"tenant,omitempty"`
	} `json:"info"`
}

type infoAuth struct {
	Realms        map[string]infoRealm `json:"realms"`
	DefaultRealm  *string              `json:"default_realm"`
	ReadProtected bool                 `json:"read_protected"`
	// NIZ is in the document of a loaded tenant only.
	NIZ *bool `json:"niz,omitempty"`
}

type infoRealm struct {
	Authority string `json:"authority"`
	ClientID  string `json:"client_id"`
	Type      string `json:"type"`
	Driver    string `json:"driver"`
}

type infoStats struct {
	Prefix *string `json:"prefix"`
	Type   string  `json:"type"`
	URL    *string `json:"url"`
}

// getInfo describes the installation.
func (s *Server) getInfo(c *call) error { return s.sendInfo(c, s.infoDoc()) }

func (s *Server) infoDoc() infoDoc {
	var doc infoDoc
	doc.Info.Capabilities.JobHistory = true
	realms := make(map[string]infoRealm)
	for _, r := range s.deps.Auth.Realms() {
		realms[r.Name] = infoRealm{Authority: r.Authority, ClientID: r.ClientID, Type: "JWT", Driver: r.Driver}
	}
	doc.Info.Capabilities.Auth = infoAuth{Realms: realms, DefaultRealm: orNull(s.deps.Auth.DefaultRealm())}
	doc.Info.WebsocketURL = orNull(s.cfg.WebsocketURL)
	doc.Info.Stats = infoStats{Prefix: orNull(s.cfg.StatsPrefix), Type: "graphite", URL: orNull(s.cfg.StatsURL)}
	return doc
}

func (s *Server) sendInfo(c *call, doc infoDoc) error {
	if age := s.cfg.StaticCacheExpiry; age > 0 {
		c.w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d", age/time.Second))
	}
	return c.json(doc)
}

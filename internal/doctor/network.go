package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/gozer-ci/gozer/internal/config"
	"github.com/gozer-ci/gozer/scheduler"
)

func connectionName(c config.Connection) scheduler.ConnectionName {
	return scheduler.ConnectionName(c.Name)
}

func address(ctx context.Context, cfg config.Config) Finding {
	const name = "address"
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return ok(name, cfg.Listen+" is in use, by a running server if all is well")
	}
	if err != nil {
		return failure(name, err.Error(), "choose another address with --listen or listen in gozer.yaml")
	}
	if err := l.Close(); err != nil {
		return warning(name, err.Error(), "")
	}
	return ok(name, cfg.Listen+" is free")
}

// exposure warns when tokens cross a network in the clear.
func exposure(_ context.Context, cfg config.Config) Finding {
	const name = "exposure"
	var open []string
	for _, addr := range []string{cfg.Listen, cfg.NATS.Listen} {
		if addr != "" && !loopback(addr) {
			open = append(open, addr)
		}
	}
	if len(open) == 0 {
		return ok(name, "only this machine reaches the server")
	}
	where := strings.Join(open, " and ")
	if strings.HasPrefix(cfg.URL, "https://") && cfg.NATS.Listen == "" {
		return ok(name, fmt.Sprintf("users come by %s; let only the proxy reach %s", cfg.URL, where))
	}
	return warning(name, "tokens cross the network unencrypted: the server listens on "+where,
		"listen on 127.0.0.1 behind a proxy with TLS, and set url in gozer.yaml to its https URL")
}

func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

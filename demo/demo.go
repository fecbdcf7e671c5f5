package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/internal/config"
)

// Options say how to show the demo.
type Options struct {
	// Dir is where the server and the clones live; what an earlier demo left
	// there is removed first.
	Dir string
	// Listen is the server's address; with port 0 a free one is taken.
	Listen string
	// Program is the gozer binary to run.
	Program string
	// CI ends after the checks instead of leaving the server running.
	CI bool
	// Out is the audience.
	Out io.Writer
}

// Limits of the parts of the show.
const (
	startLimit = 20 * time.Second
	gateLimit  = 3 * time.Minute
)

// tenant is the demo's only tenant.
const tenant = "demo"

// marker tells a directory of the demo from one that somebody needs.
const marker = ".gozer-demo"

// show is one run of the demo.
type show struct {
	Options
	url     string
	server  *server
	cfg     config.Config
	api     *api // as the person who approves
	clones  map[string]repo
	numbers []int // of the story's changes
	seen    map[string]bool
	left    map[passage]bool // those whose end was told
}

// Run shows the demo. It returns nil only if the gate did its work.
func Run(ctx context.Context, o Options) error {
	s := &show{Options: o, clones: map[string]repo{}, seen: map[string]bool{}, left: map[passage]bool{}}
	if err := s.prepare(); err != nil {
		return err
	}
	if err := s.start(ctx); err != nil {
		return err
	}
	defer s.server.stop()
	for _, act := range []struct {
		title string
		play  func(context.Context) error
	}{
		{"Three repositories: configuration, a library, a program that uses it", s.push},
		{"Five changes, pushed for review; the check pipeline tests each on its own", s.review},
		{"All five are approved; the gate tests them as they would merge, in order", s.gate},
		{"Is what merged what was tested?", s.verify},
	} {
		s.say("\n\033[1m%s\033[0m", act.title)
		if err := act.play(ctx); err != nil {
			return fmt.Errorf("the demo failed: %w\nthe server's log is %s", err, s.path("server.log"))
		}
	}
	if o.CI {
		return nil
	}
	return s.linger(ctx)
}

func (s *show) say(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

func (s *show) path(elem ...string) string {
	return filepath.Join(append([]string{s.Dir}, elem...)...)
}

// prepare makes an empty directory with the server's configuration.
func (s *show) prepare() (err error) {
	if s.Dir, err = filepath.Abs(s.Dir); err != nil {
		return err
	}
	if _, err := os.Stat(s.path(marker)); err == nil {
		if err := os.RemoveAll(s.Dir); err != nil {
			return fmt.Errorf("remove the last demo: %w", err)
		}
	} else if entries, err := os.ReadDir(s.Dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty and not from a demo; choose another directory with --data", s.Dir)
	}
	if s.Listen, err = freeAddress(s.Listen); err != nil {
		return err
	}
	s.url = "http://" + s.Listen
	files := map[string]string{
		marker: "gozer demo\n",
		"gozer.yaml": fmt.Sprintf("# The demo's server. docs/configuration.md tells every key.\ndata: data\nlisten: %s\ntenants: tenants.yaml\n",
			s.Listen),
		"tenants.yaml": tenantFile,
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(s.path(name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	s.cfg, err = config.Load(s.path("gozer.yaml"))
	return err
}

const tenantFile = `- tenant:
    name: demo
    source:
      local:
        config-projects:
          - config:
              load-branch: main
        untrusted-projects:
          - temperature
          - weather
`

// freeAddress resolves port 0 to a port that is free now, and refuses one that
// is taken.
func freeAddress(listen string) (string, error) {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return "", fmt.Errorf("%w; choose another address with --listen", err)
	}
	return l.Addr().String(), l.Close()
}

// token signs a token for a person; admins may do everything.
func (s *show) token(user string, admin bool) (string, error) {
	configs, err := app.AuthConfigs(s.cfg)
	if err != nil {
		return "", err
	}
	g := auth.Grant{UID: user, Now: time.Now(), Validity: 24 * time.Hour}
	if admin {
		g.Admin = []string{"*"}
	}
	return auth.Sign(configs[0], g)
}

// start runs the server and waits until it answers.
func (s *show) start(ctx context.Context) error {
	for _, need := range []string{"git"} {
		if err := requireProgram(need); err != nil {
			return err
		}
	}
	began := time.Now()
	var err error
	if s.server, err = startServer(s.Program, s.path("gozer.yaml"), s.path("server.log")); err != nil {
		return err
	}
	token, err := s.token("rosa", true)
	if err != nil {
		return err
	}
	s.api = &api{url: s.url, token: token}
	wait, cancel := context.WithTimeoutCause(ctx, startLimit, errors.New("the server did not get ready"))
	defer cancel()
	err = await(wait, 20*time.Millisecond, func(ctx context.Context) (bool, error) {
		if err := s.server.exited(); err != nil {
			return false, err
		}
		return s.api.call(ctx, "GET", "/readyz", nil, nil) == nil, nil
	})
	if err != nil {
		s.server.stop()
		return fmt.Errorf("start the server: %w\n%s", err, s.server.tail())
	}
	s.say("\033[1mGozer is ready after %s:\033[0m %s", time.Since(began).Round(time.Millisecond), s.url)
	return nil
}

// linger leaves the server running until the audience has seen enough.
func (s *show) linger(ctx context.Context) error {
	token, err := s.token("rosa", true)
	if err != nil {
		return err
	}
	s.say(`
The server keeps running. Look around:
  %s/t/%s/status
Try in another terminal:
  export GOZER_URL=%s GOZER_TOKEN=%s
  %s change list
  %s change show 3
  git clone %s/git/weather && cd weather    # edit, commit, and:
  git push http://rosa:$GOZER_TOKEN@%s/git/weather HEAD:refs/for/main
Stop it with Ctrl-C.`, s.url, tenant, s.url, token, s.Program, s.Program, s.url, s.Listen)
	select {
	case <-ctx.Done():
		return nil
	case <-s.server.done:
		return s.server.exited()
	}
}

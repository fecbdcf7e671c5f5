package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gozer-ci/gozer/internal/app"
	"github.com/gozer-ci/gozer/internal/auth"
	"github.com/gozer-ci/gozer/internal/config"
)

// Limits of what a server may take.
const (
	readyLimit = 20 * time.Second
	stopLimit  = 10 * time.Second
)

// settings describe a server; the zero value serves the tenant acme.
type settings struct {
	// yaml is added to gozer.yaml.
	yaml string
	// tenants is the tenant file; empty is acmeTenant.
	tenants string
	// tolerated are patterns of errors that the server may log.
	tolerated []string
}

// server is a gozer process with its data, which outlive each other: kill and
// launch go around as often as a test likes.
type server struct {
	settings
	t      *testing.T
	dir    string
	listen string
	url    string
	cfg    config.Config
	admin  person

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{} // closed when cmd has ended
	err  error         // how; written before done is closed
}

// start runs a new server. When the test ends it must stop cleanly, leave
// nothing behind and have a log that verifies.
func start(t *testing.T, set settings) *server {
	t.Helper()
	s := prepare(t, set)
	if err := s.launch(); err != nil {
		t.Fatal(err)
	}
	return s
}

// prepare makes a server that does not run yet.
func prepare(t *testing.T, set settings) *server {
	t.Helper()
	if set.tenants == "" {
		set.tenants = acmeTenant
	}
	s := &server{settings: set, t: t, dir: t.TempDir(), listen: freeAddress(t)}
	s.url = "http://" + s.listen
	s.write("gozer.yaml", fmt.Sprintf("data: data\nlisten: %s\n%s", s.listen, set.yaml))
	s.write("tenants.yaml", set.tenants)
	var err error
	if s.cfg, err = config.Load(s.path("gozer.yaml")); err != nil {
		t.Fatal(err)
	}
	s.admin = s.person("rosa", "*")
	t.Cleanup(s.finish)
	return s
}

func (s *server) path(elem ...string) string {
	return filepath.Join(append([]string{s.dir}, elem...)...)
}

func (s *server) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// launch starts the process and waits until it is ready.
func (s *server) launch() error {
	done, err := s.spawn()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyLimit)
	defer cancel()
	err = until(ctx, func() (bool, error) {
		select {
		case <-done:
			return false, fmt.Errorf("the server ended: %w", s.err)
		default:
			return s.call(ctx, "", "GET", "/readyz", nil, nil) == nil, nil
		}
	})
	if err != nil {
		return fmt.Errorf("start the server: %w\n%s", err, s.tail())
	}
	return nil
}

// spawn starts the process; the channel is closed when it has ended.
func (s *server) spawn() (<-chan struct{}, error) {
	log, err := os.OpenFile(s.path("server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(program, "serve", "--config", s.path("gozer.yaml"))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	s.mu.Lock()
	s.cmd, s.done = cmd, done
	s.mu.Unlock()
	go func() {
		s.err = cmd.Wait()
		close(done)
	}()
	return done, nil
}

// kill ends the process at once, as a power cut does, and waits for its end.
func (s *server) kill() { s.signal(syscall.SIGKILL) }

// stop asks the process to end and returns how long that took.
func (s *server) stop() (time.Duration, error) {
	began := time.Now()
	s.signal(syscall.SIGTERM)
	if s.err != nil {
		return time.Since(began), fmt.Errorf("the server ended with: %w\n%s", s.err, s.tail())
	}
	return time.Since(began), nil
}

func (s *server) signal(sig syscall.Signal) {
	s.mu.Lock()
	cmd, done := s.cmd, s.done
	s.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(sig) // it may be gone already
	select {
	case <-done:
	case <-time.After(2 * stopLimit):
		s.t.Errorf("the server still runs %s after %s\n%s", 2*stopLimit, sig, s.tail())
		_ = cmd.Process.Signal(syscall.SIGQUIT) // tells where it hangs
		<-done
		s.t.Logf("%s", s.tail())
	}
}

// running reports whether the process runs.
func (s *server) running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return false
	}
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// finish holds every server to the same end.
func (s *server) finish() {
	if s.cmd == nil {
		return
	}
	if s.running() {
		took, err := s.stop()
		if err != nil {
			s.t.Error(err)
		}
		if took > stopLimit {
			s.t.Errorf("the server took %s to stop", took)
		}
	}
	s.verifyLog()
	s.leftovers()
	s.complaints()
	if s.t.Failed() {
		s.t.Logf("the end of the server's log:\n%s", s.tail())
	}
}

// gozer runs the program with the server's configuration.
func (s *server) gozer(args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "GOZER_CONFIG="+s.path("gozer.yaml"), "GOZER_URL="+s.url, "GOZER_TOKEN="+s.admin.token)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// tail returns the end of the server's log.
func (s *server) tail() string {
	data, err := os.ReadFile(s.path("server.log"))
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-30):], []byte("\n")))
}

// person signs a token for somebody who may administer tenants; * is all.
func (s *server) person(name string, tenants ...string) person {
	s.t.Helper()
	configs, err := app.AuthConfigs(s.cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	token, err := auth.Sign(configs[0], auth.Grant{UID: name, Admin: tenants, Now: time.Now(), Validity: time.Hour})
	if err != nil {
		s.t.Fatal(err)
	}
	return person{name: name, token: token}
}

// person is somebody with a token.
type person struct{ name, token string }

// pollEvery is how often conditions are looked at.
const pollEvery = 20 * time.Millisecond

// until asks again and again until ok says yes, it fails, or ctx ends.
func until(ctx context.Context, ok func() (bool, error)) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		done, err := ok()
		if err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("it did not happen in time")
		case <-tick.C:
		}
	}
}

// patience is how long a test waits for what must happen.
const patience = 2 * time.Minute

// await waits for a condition, or fails the test.
func (s *server) await(what string, ok func() (bool, error)) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	if err := until(ctx, ok); err != nil {
		s.t.Fatalf("wait until %s: %v\n%s", what, err, s.tail())
	}
}

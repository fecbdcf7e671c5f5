package demo

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// stopLimit is how long the server may take to stop cleanly.
const stopLimit = 15 * time.Second

// server is a gozer process.
type server struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
	err  error // written before done is closed
}

// requireProgram finds a program or says how to install it.
func requireProgram(name string) error {
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("%s is missing; install it with: apt-get install %s", name, name)
	}
	return nil
}

func startServer(program, config, logFile string) (*server, error) {
	f, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &server{cmd: exec.Command(program, "serve", "--config", config), log: logFile, done: make(chan struct{})}
	s.cmd.Stdout, s.cmd.Stderr = f, f
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	return s, nil
}

// exited says why the server is gone; nil while it runs.
func (s *server) exited() error {
	select {
	case <-s.done:
		if s.err != nil {
			return fmt.Errorf("the server ended: %w", s.err)
		}
		return errors.New("the server ended")
	default:
		return nil
	}
}

// stop asks the server to end and waits for it.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may be gone already
	select {
	case <-s.done:
	case <-time.After(stopLimit):
		_ = s.cmd.Process.Kill() // as above
		<-s.done
	}
}

// tail returns the end of the server's log.
func (s *server) tail() string {
	data, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(data), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-10):], []byte("\n")))
}

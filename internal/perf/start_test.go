package perf

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// idleFor is how long a server rests before its memory is looked at.
const idleFor = 3 * time.Second

// BenchmarkStart starts the real program on an empty data directory with the
// tenant of the other benchmarks and waits until it says that it is ready. The
// first one then rests, and its resident memory is read.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "gozer")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", program, "github.com/gozer-ci/gozer/cmd/gozer").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	var took []time.Duration
	var resident float64
	for b.Loop() {
		s := &server{b: b, dir: b.TempDir()}
		s.config(projectNames(20))
		file := filepath.Join(s.dir, "gozer.yaml")
		if err := os.WriteFile(file, []byte("data: data\nlisten: 127.0.0.1:0\ntenants: tenants.yaml\n"), 0o600); err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		p := s.program(program, file)
		took = append(took, time.Since(began))
		if len(took) == 1 {
			b.StopTimer()
			<-time.After(idleFor)
			resident = p.resident()
			b.StartTimer()
		}
		p.stop()
	}
	reportTimes(b, took)
	b.ReportMetric(resident, "idle-MiB")
}

// program is a running gozer serve.
type program struct {
	b   *testing.B
	cmd *exec.Cmd
}

// program starts a server and returns when it is ready.
func (s *server) program(path, config string) *program {
	s.b.Helper()
	log, err := os.Create(filepath.Join(s.dir, "server.log"))
	if err != nil {
		s.b.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(path, "serve", "--config", config)
	cmd.Dir, cmd.Stderr = s.dir, log
	if err := cmd.Start(); err != nil {
		s.b.Fatal(err)
	}
	s.await("the server to be ready", time.Millisecond, func() bool {
		text, _ := os.ReadFile(log.Name())
		_, rest, ok := strings.Cut(string(text), "url=")
		if !ok {
			return false
		}
		url, _, ok := strings.Cut(rest, " ")
		if !ok {
			return false
		}
		resp, err := http.Get(url + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return &program{b: s.b, cmd: cmd}
}

// resident is the program's resident memory in MiB.
func (p *program) resident() float64 {
	p.b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.b.Log(err)
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, err := strconv.ParseFloat(kib, 64)
	if err != nil {
		p.b.Fatal(err)
	}
	return n / 1024
}

func (p *program) stop() {
	p.b.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.b.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.b.Error(err)
	}
}

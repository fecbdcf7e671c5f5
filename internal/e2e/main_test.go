package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gozer-ci/gozer/internal/browsertest"
)

// program is the path of the gozer binary that the tests start.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "gozer-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system clears its temporary files
	program = filepath.Join(dir, "gozer")
	args := append([]string{"build", "-o", program}, buildFlags...)
	cmd := exec.Command("go", append(args, "github.com/gozer-ci/gozer/cmd/gozer")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build gozer: %v\n%s", err, out)
		return 1
	}
	return browsertest.Main(m)
}

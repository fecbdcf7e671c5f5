package ui

import (
	"os"
	"testing"

	"github.com/gozer-ci/gozer/internal/browsertest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }

// open loads path of the fake in a new tab and waits for sel. It returns nil
// where there is no browser.
func open(t *testing.T, f *fake, path, sel string, before ...browsertest.Step) *browsertest.Tab {
	t.Helper()
	return browsertest.Open(t, f.URL, path, sel, before...)
}

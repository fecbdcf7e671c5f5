package browsertest

import "fmt"

// Remember marks the window and an element, to tell an update from a reload
// and a changed element from a new one.
func (p *Tab) Remember(sel string) {
	p.T.Helper()
	Eval[bool](p, fmt.Sprintf("(window.kept = document.querySelector(%q), window.mark = 1, true)", sel))
}

// StillThere fails the test if what was remembered was replaced.
func (p *Tab) StillThere() {
	p.T.Helper()
	if !Eval[bool](p, "window.mark === 1 && window.kept.isConnected") {
		p.T.Error("the page was loaded anew, or the element replaced")
	}
}

// Has is the expression that some element of sel contains text.
func Has(sel, text string) string {
	return fmt.Sprintf("[...document.querySelectorAll(%q)].some(e => e.textContent.includes(%q))", sel, text)
}

// sideways names elements that make the page wider than the window.
const sideways = `[...document.querySelectorAll('body *')]
	.filter(e => document.documentElement.scrollWidth > innerWidth && e.getBoundingClientRect().right > innerWidth + 1)
	.map(e => e.className).slice(0, 5).join(' | ') + (document.documentElement.scrollWidth > innerWidth ? '!' : '')`

// Sideways tells what makes the page scroll sideways; empty if it does not.
func (p *Tab) Sideways() string {
	p.T.Helper()
	return Eval[string](p, sideways)
}

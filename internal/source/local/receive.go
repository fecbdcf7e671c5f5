package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gozer-ci/gozer/internal/git"
	"github.com/gozer-ci/gozer/internal/source"
)

// maxCommands bounds how many refs one push may name.
const maxCommands = 100

// receiveCapabilities are what a pushing client is offered.
const receiveCapabilities = "report-status side-band-64k delete-refs ofs-delta quiet object-format=sha1 agent=gozer"

// command is one ref of a push.
type command struct {
	old, new, ref string
}

// push is one push under way.
type push struct {
	source   *Source
	project  Project
	user     User
	repo     git.Repo
	objects  *quarantine
	sideband bool
	commands []command
	messages []string // lines for the client's terminal
}

// advertise lists the refs that a pushing client should know.
func (s *Source) advertise(ctx context.Context, dir string) ([]byte, error) {
	refs, err := s.cfg.Git.Repo(dir).Refs(ctx, "refs/heads/", "refs/tags/")
	if err != nil {
		return nil, err
	}
	b := pkt(nil, "# service=git-receive-pack\n")
	b = append(b, flushPkt...)
	if len(refs) == 0 {
		refs = []git.Ref{{Name: "capabilities^{}", Hash: strings.Repeat("0", 40)}}
	}
	for i, ref := range refs {
		if i == 0 {
			b = pkt(b, "%s %s\x00%s\n", ref.Hash, ref.Name, receiveCapabilities)
			continue
		}
		b = pkt(b, "%s %s\n", ref.Hash, ref.Name)
	}
	return append(b, flushPkt...), nil
}

// receive serves one push: it reads all of body and returns the answer. An
// error means that body does not speak git's protocol.
func (p *push) receive(ctx context.Context, body *bufio.Reader) ([]byte, error) {
	if err := p.readCommands(body); err != nil || len(p.commands) == 0 {
		return nil, err
	}
	defer p.objects.discard()
	var unpacked error
	if p.wantsPack() {
		unpacked = p.objects.receive(ctx, body, p.source.cfg.Limits.PackBytes)
		drain(body)
	}
	if unpacked != nil {
		return p.answer(p.explain(ctx, unpacked), nil), nil
	}
	results := make([]error, len(p.commands))
	for i, c := range p.commands {
		results[i] = p.execute(ctx, c)
	}
	return p.answer("", p.explainAll(ctx, results)), nil
}

// maxDrain bounds how much of a refused push is read, in bytes. A git client
// reads no answer before it has sent everything.
const maxDrain = 4 << 30

func drain(body io.Reader) {
	_, _ = io.CopyN(io.Discard, body, maxDrain) // an end or an error is as good
}

func (p *push) readCommands(body *bufio.Reader) error {
	for {
		line, ok, err := readPkt(body)
		switch {
		case errors.Is(err, io.EOF) && len(p.commands) == 0:
			return nil
		case err != nil:
			return fmt.Errorf("read commands of push: %w", err)
		case !ok:
			return nil
		case strings.HasPrefix(string(line), "shallow "):
			continue // objects that are missing are found when the pack is checked
		}
		text, capabilities, _ := strings.Cut(string(line), "\x00")
		if len(p.commands) == 0 {
			p.sideband = strings.Contains(" "+strings.TrimSpace(capabilities)+" ", " side-band-64k ")
		}
		c, err := parseCommand(strings.TrimSuffix(text, "\n"))
		if err != nil {
			return err
		}
		if p.commands = append(p.commands, c); len(p.commands) > maxCommands {
			return refusal(source.CodeExhausted, "a push may name at most %d refs", maxCommands)
		}
	}
}

func parseCommand(line string) (command, error) {
	f := strings.SplitN(line, " ", 3)
	if len(f) != 3 || !git.IsHash(f[0]) || !git.IsHash(f[1]) || !strings.HasPrefix(f[2], "refs/") {
		return command{}, refusal(source.CodeInvalid, "malformed command in push")
	}
	return command{old: f[0], new: f[1], ref: f[2]}, nil
}

func (p *push) wantsPack() bool {
	for _, c := range p.commands {
		if !git.IsZero(c.new) {
			return true
		}
	}
	return false
}

// explain turns an error into a sentence for the client; faults of the machine
// go to the log and leave as such.
func (p *push) explain(ctx context.Context, err error) string {
	if isRefusal(err) {
		return err.Error()
	}
	p.source.cfg.Logger.ErrorContext(ctx, "push failed", "project", p.project.Name, "user", p.user.Name, "err", err)
	return "internal error, nothing was stored; see the server's log"
}

func (p *push) explainAll(ctx context.Context, results []error) []string {
	texts := make([]string, len(results))
	for i, err := range results {
		if err != nil {
			texts[i] = p.explain(ctx, err)
		}
	}
	return texts
}

// answer builds the report of a push: unpack is why the objects were refused,
// results why each command was; empty means success.
func (p *push) answer(unpack string, results []string) []byte {
	status := "ok"
	if unpack != "" {
		status = oneLine(unpack)
		p.say("%s", unpack)
	}
	report := pkt(nil, "unpack %s\n", status)
	for i, c := range p.commands {
		switch {
		case unpack != "":
			report = pkt(report, "ng %s unpacker error\n", c.ref)
		case results[i] != "":
			first, _, _ := strings.Cut(results[i], "\n")
			report = pkt(report, "ng %s %s\n", c.ref, oneLine(first))
		default:
			report = pkt(report, "ok %s\n", c.ref)
		}
	}
	report = append(report, flushPkt...)
	if !p.sideband {
		return report
	}
	var b []byte
	if len(p.messages) > 0 {
		b = band(b, bandProgress, []byte(strings.Join(p.messages, "\n")+"\n"))
	}
	b = band(b, bandData, report)
	return append(b, flushPkt...)
}

// say adds a line for the client's terminal, without anything that could
// steer the terminal.
func (p *push) say(format string, args ...any) {
	p.messages = append(p.messages, oneLine(fmt.Sprintf(format, args...)))
}

// maxLine bounds a line on the client's terminal, in bytes.
const maxLine = 1000

func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxLine {
		s = strings.ToValidUTF8(s[:maxLine], "") + "..."
	}
	return s
}

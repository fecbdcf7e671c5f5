package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Exit codes of every command.
const (
	exitDone    = 0
	exitRefused = 1 // refused, or found wrong
	exitMisused = 2
)

// cli is the grammar of the command line.
type cli struct {
	globals

	Serve  serveCmd  `cmd:"" help:"Run the server: everything in one process."`
	Demo   demoCmd   `cmd:"" help:"Show a gate at work, with real changes of real repositories."`
	Status statusCmd `cmd:"" help:"Show what the pipelines of a tenant do now."`

	Explain explainCmd `cmd:"" help:"Say why a change, item, buildset or build waits, ran or ended as it did."`

	Change  changeCmd  `cmd:"" help:"Review changes of the built-in code review."`
	Project projectCmd `cmd:"" help:"Make and list repositories of the built-in code review."`

	Enqueue enqueueCmd `cmd:"" help:"Put a change or a branch into a pipeline."`
	Dequeue dequeueCmd `cmd:"" help:"Take a change or a branch out of a pipeline."`
	Promote promoteCmd `cmd:"" help:"Move changes to the front of a pipeline."`

	Autohold       autoholdCmd       `cmd:"" help:"Keep the nodes and workspaces of builds that will fail."`
	AutoholdList   autoholdListCmd   `cmd:"" help:"List autohold requests."`
	AutoholdInfo   autoholdInfoCmd   `cmd:"" help:"Show one autohold request."`
	AutoholdDelete autoholdDeleteCmd `cmd:"" help:"Delete an autohold request and let go of what it keeps."`

	Builds    buildsCmd    `cmd:"" help:"List builds, newest first."`
	Buildsets buildsetsCmd `cmd:"" help:"List buildsets, newest first."`
	BuildInfo buildInfoCmd `cmd:"" help:"Show one build."`
	Console   consoleCmd   `cmd:"" help:"Show the console of a build, live while it runs."`

	FullReconfigure   fullReconfigureCmd   `cmd:"" help:"Let the running server read its tenant file and the configuration of every project again."`
	SmartReconfigure  smartReconfigureCmd  `cmd:"" help:"Let the running server load the tenants whose block of the tenant file changed."`
	TenantReconfigure tenantReconfigureCmd `cmd:"" help:"Let the running server load some tenants again."`

	Tenant  tenantCmd  `cmd:"" help:"Check the configuration of tenants; stop and resume their queues."`
	Admin   adminCmd   `cmd:"" help:"Administer a server's data directory."`
	Doctor  doctorCmd  `cmd:"" help:"Find what is missing or unsafe on this machine, and how to mend it."`
	Version versionCmd `cmd:"" help:"Show the version."`
}

// globals are flags of every command.
type globals struct {
	URL       string `help:"URL of the server." env:"GOZER_URL" default:"http://127.0.0.1:9000" placeholder:"URL"`
	Token     string `help:"Token for what needs one." env:"GOZER_TOKEN" placeholder:"TOKEN"`
	TokenFile string `help:"File with the token, read when there is no --token." env:"GOZER_TOKEN_FILE" default:"~/.config/gozer/token" type:"path" placeholder:"FILE"`
	Output    string `help:"Form of the output: text or json." enum:"text,json" default:"text" short:"o" placeholder:"FORM"`
}

// env is what commands work with.
type env struct {
	ctx      context.Context
	out, err io.Writer
	globals
}

// misuse is an error in how the program was called.
type misuse struct{ text string }

func (m *misuse) Error() string { return m.text }

func misused(format string, v ...any) error { return &misuse{fmt.Sprintf(format, v...)} }

// silent ends the program with a code after everything was said.
type silent struct{ code int }

func (s *silent) Error() string { return "" }

// exited carries an exit code out of kong, which knows only os.Exit.
type exited int

// run is the program.
func run(ctx context.Context, args []string, out, stderr io.Writer) (code int) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exited:
			code = int(r)
		default:
			panic(r)
		}
	}()
	var c cli
	parser, err := kong.New(&c, kong.Name("gozer"), kong.Description(description), kong.Writers(out, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }), kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		fmt.Fprintln(stderr, "gozer:", err)
		return exitMisused
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "gozer: %v\nTry: gozer --help\n", err)
		return exitMisused
	}
	e := &env{ctx: ctx, out: out, err: stderr, globals: c.globals}
	return report(stderr, k.Run(e))
}

// report tells why a command failed and returns the exit code.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if s, ok := errors.AsType[*silent](err); ok {
		return s.code
	}
	fmt.Fprintln(stderr, "gozer:", err)
	if _, ok := errors.AsType[*misuse](err); ok {
		return exitMisused
	}
	return exitRefused
}

const description = `Gozer tests changes together before they merge, so that what merges is what was tested.

Examples:
  gozer serve
  gozer change list
  gozer status --tenant acme`

// warn says something that does not change the outcome.
func (e *env) warn(format string, v ...any) { fmt.Fprintf(e.err, "gozer: "+format+"\n", v...) }

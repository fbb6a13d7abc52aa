// Package command is the command line that every collection of subjects shares.
package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

// Program is a collection of subjects as a command.
type Program struct {
	Name     string
	Subjects []subject.Subject
	// Sources and Dir are where the subjects' code is, for the lines of their sites.
	Sources fs.FS
	Dir     string

	Stdout, Stderr io.Writer
}

var errUsage = errors.New("usage")

// Main runs the command line and returns the exit code: 0 done, 1 failed, 2 wrong use.
func (p Program) Main(args []string) int {
	if p.Stdout == nil {
		p.Stdout, p.Stderr = os.Stdout, os.Stderr
	}
	err := p.dispatch(args)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(p.Stderr, "%s: %v\n\n", p.Name, err)
		p.usage()
		return 2
	default:
		fmt.Fprintf(p.Stderr, "%s: %v\n", p.Name, err)
		return 1
	}
}

func (p Program) dispatch(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%w: say what to do", errUsage)
	}
	switch name, rest := args[0], args[1:]; name {
	case "list":
		return p.list(rest)
	case "run":
		return p.run(rest)
	case "load":
		return p.load(rest)
	case "help", "-h", "--help":
		p.usage()
		return nil
	default:
		return fmt.Errorf("%w: no command %q", errUsage, name)
	}
}

func (p Program) usage() {
	fmt.Fprintf(p.Stderr, `%[1]s list [--json]              the subjects, and the truth about each
%[1]s run SUBJECT [flags]        serve one with pprof and drive it; first line: listening http://HOST:PORT
%[1]s load URL [flags]           drive a subject that was started with --external-load
Flags of a command: %[1]s run x --help
`, p.Name)
}

func (p Program) find(name string) (subject.Subject, error) {
	for _, s := range p.Subjects {
		if s.Name == name {
			return s, nil
		}
	}
	return subject.Subject{}, fmt.Errorf("%w: no subject %q; `%s list` prints them", errUsage, name, p.Name)
}

// parse parses the flags after a command's one positional argument.
func (p Program) parse(flags *flag.FlagSet, args []string, what string) (string, error) {
	flags.SetOutput(p.Stderr)
	if len(args) == 0 || (args[0] != "" && args[0][0] == '-') {
		if len(args) > 0 && (args[0] == "-h" || args[0] == "--help") {
			flags.Usage()
			return "", flag.ErrHelp
		}
		return "", fmt.Errorf("%w: %s wants %s first", errUsage, flags.Name(), what)
	}
	if err := flags.Parse(args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return "", err
		}
		return "", fmt.Errorf("%w: %w", errUsage, err)
	}
	if flags.NArg() > 0 {
		return "", fmt.Errorf("%w: unknown argument %q", errUsage, flags.Arg(0))
	}
	return args[0], nil
}

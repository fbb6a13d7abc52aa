package load

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Compile has the go command compile the packages with -m=2, those that the
// gcflags patterns match ("all", "example.com/m/..."), and hands what it
// prints to read. The go command keeps what a package printed and prints it
// again when it need not compile. incomplete says why packages are missing;
// err is an error of read.
func Compile(ctx context.Context, r Request, patterns []string, read func(io.Reader) error) (incomplete string, err error) {
	args := []string{"build", "-o", os.DevNull, "-ldflags=-s -w"}
	if r.Test {
		args = []string{"test", "-c", "-o", os.DevNull, "-vet=off"}
	}
	for _, p := range patterns {
		args = append(args, "-gcflags="+p+"=-m=2")
	}
	cmd := r.command(ctx, args)
	output, err := cmd.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return err.Error(), nil
	}
	first := &firstError{}
	err = read(io.TeeReader(output, first))
	if err != nil {
		cmd.Process.Kill()
	}
	if waited := cmd.Wait(); waited != nil && err == nil {
		return first.text(waited), nil
	}
	return "", err
}

// command is the go command with what the request says.
func (r Request) command(ctx context.Context, args []string) *exec.Cmd {
	if r.Tags != "" {
		args = append(args, "-tags="+r.Tags)
	}
	if r.Mod != "" {
		args = append(args, "-mod="+r.Mod)
	}
	patterns := r.Patterns
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	cmd := exec.CommandContext(ctx, "go", append(append(args, "--"), patterns...)...)
	cmd.Dir = r.Dir
	cmd.Env = append(os.Environ(), r.Env...)
	return cmd
}

// firstError keeps the first line that is no header and no diagnostic of -m.
type firstError struct {
	rest []byte
	line string
}

var diagnostics = []string{" inline", "inlining call", "heap", "escape", "leak", "flow:", "  from ", "capturing by", "zero-copy", "ignoring self-assignment", "devirtualizing", "PGO", "mark"}

func (f *firstError) Write(data []byte) (int, error) {
	if f.line != "" {
		return len(data), nil
	}
	f.rest = append(f.rest, data...)
	for f.line == "" {
		end := bytes.IndexByte(f.rest, '\n')
		if end < 0 {
			break
		}
		line := string(f.rest[:end])
		f.rest = f.rest[end+1:]
		if !strings.HasPrefix(line, "# ") && !diagnostic(line) {
			f.line = line
		}
	}
	if len(f.rest) > 1<<16 || f.line != "" {
		f.rest = nil
	}
	return len(data), nil
}

func diagnostic(line string) bool {
	for _, word := range diagnostics {
		if strings.Contains(line, word) {
			return true
		}
	}
	return false
}

func (f *firstError) text(err error) string {
	if f.line == "" {
		return fmt.Sprintf("go build: %v", err)
	}
	return f.line
}

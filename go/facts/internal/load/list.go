// Package load finds the packages of a build with the go command and reads
// them one at a time: syntax and types from source, dependencies from the
// compiler's export data, so that memory does not grow with the program.
package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// Module is the part of the go command's answer that is used.
type Module struct {
	Path, Version, Dir, GoVersion string
	Main                          bool
	Replace                       *Module
}

// Package is one entry of go list -deps -export.
type Package struct {
	ImportPath, Name, Dir, Export, BuildID string
	ForTest                                string
	Standard, DepOnly                      bool
	CompiledGoFiles, GoFiles, CgoFiles     []string
	Imports                                []string
	ImportMap                              map[string]string
	Module                                 *Module
	Error                                  *struct{ Pos, Err string }
}

// Request says which build to read.
type Request struct {
	Dir      string   // where the go command runs
	Patterns []string // packages, default "."
	Tags     string   // -tags
	Mod      string   // -mod
	Test     bool     // the packages with their tests
	Env      []string // added to the environment, e.g. GOOS=linux

	workspace bool // the patterns are those of a workspace's modules
}

// List asks the go command for the packages and all that they import, in an
// order in which a package follows its imports. Packages that do not compile
// are in the list with their Error; an error is returned when the go command
// is missing or answers with no package at all.
func List(ctx context.Context, r Request) ([]*Package, error) {
	args := []string{"list", "-e", "-deps", "-export", "-compiled", "-json=ImportPath,Name,Dir,Export,BuildID,Standard,DepOnly,CompiledGoFiles,GoFiles,CgoFiles,Imports,ImportMap,Module,Error,ForTest"}
	if r.Test {
		args = append(args, "-test")
	}
	cmd := r.command(ctx, args)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf("no go command found: facts need the toolchain that built the program")
	}
	packages, decodeErr := decode(&stdout)
	if decodeErr != nil {
		return nil, decodeErr
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("go list: %s", firstLines(stderr.String(), err))
	}
	if outsideModules(packages) && !r.workspace {
		if patterns := workspacePatterns(ctx, r); len(patterns) > 0 {
			r.Patterns, r.workspace = patterns, true
			return List(ctx, r)
		}
	}
	return packages, nil
}

// outsideModules: all that was found is that the folder of a workspace is in
// none of its modules.
func outsideModules(packages []*Package) bool {
	return len(packages) == 1 && packages[0].Error != nil && strings.Contains(packages[0].Error.Err, "does not contain modules listed in go.work")
}

// workspacePatterns is ./... for the folder of a workspace: the packages of its
// modules that lie below. Nothing where something else was asked for.
func workspacePatterns(ctx context.Context, r Request) (patterns []string) {
	if len(r.Patterns) != 1 || r.Patterns[0] != "./..." {
		return nil
	}
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}")
	cmd.Dir = r.Dir
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	root, err := filepath.Abs(r.Dir)
	if err != nil {
		return nil
	}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	for dir := range strings.Lines(string(out)) {
		dir = strings.TrimSpace(dir)
		if below, err := filepath.Rel(root, dir); err == nil && !strings.HasPrefix(below, "..") {
			patterns = append(patterns, filepath.Join(dir, "..."))
		}
	}
	return patterns
}

// Path is the import path without the mark of a package that is built for a
// test: "p [p.test]" is p.
func (p *Package) Path() string { return Plain(p.ImportPath) }

// HasCode: there are files besides tests. Without, the go command gives the
// package no build id.
func (p *Package) HasCode() bool { return len(p.CompiledGoFiles)+len(p.GoFiles)+len(p.CgoFiles) > 0 }

// Plain cuts the mark of a package that is built for a test.
func Plain(importPath string) string {
	path, _, _ := strings.Cut(importPath, " [")
	return path
}

func decode(r io.Reader) ([]*Package, error) {
	var packages []*Package
	for dec := json.NewDecoder(r); ; {
		p := new(Package)
		if err := dec.Decode(p); err == io.EOF {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
}

func firstLines(stderr string, err error) string {
	text := strings.TrimSpace(stderr)
	if text == "" && err != nil {
		return err.Error()
	}
	if lines := strings.Split(text, "\n"); len(lines) > 5 {
		text = strings.Join(lines[:5], "\n")
	}
	return text
}

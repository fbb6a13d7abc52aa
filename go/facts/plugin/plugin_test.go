package plugin_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/tidemark-go/tidemark/go/facts/plugin"
)

func TestRegistered(t *testing.T) {
	make, err := register.GetPlugin(plugin.Name)
	if err != nil {
		t.Fatal(err)
	}
	linter, err := make(map[string]any{"pairs": []any{map[string]any{"acquire": "example.com/a.Take", "release": []string{"Give"}}}})
	if err != nil {
		t.Fatal(err)
	}
	analyzers, err := linter.BuildAnalyzers()
	if err != nil || len(analyzers) != 2 || linter.GetLoadMode() != register.LoadModeTypesInfo {
		t.Errorf("%v %v %s", analyzers, err, linter.GetLoadMode())
	}
	for _, bad := range []any{
		map[string]any{"pears": 1},
		map[string]any{"pairs": []any{map[string]any{"acquire": "example.com/a.Take"}}},
	} {
		if _, err := make(bad); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

const golangci = "github.com/golangci/golangci-lint/v2 v2.15.0"

const program = `package main

import (
	"os"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	_ "github.com/tidemark-go/tidemark/go/facts/plugin"
)

func main() {
	if err := commands.Execute(commands.BuildInfo{Version: "2.15.0"}); err != nil {
		os.Exit(3)
	}
}
`

const config = `version: "2"
linters:
  default: none
  enable: [tidemark]
  settings:
    custom:
      tidemark:
        type: module
        settings:
          pairs:
            - { acquire: example.com/leaky.take, release: [Give], noun: lease }
`

const leaky = `package leaky

import "net/http"

type lease struct{}

func (*lease) Give() {}

func take() *lease { return new(lease) }

func Forgets() { _ = *take() }

func Body(url string) (int, error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}
`

// TestInGolangciLint builds golangci-lint with the plugin, as golangci-lint
// custom does, and runs it. It takes minutes where nothing is built yet, so it
// runs only where nothing may be left out: TIDEMARK_REQUIRE_ALL=1 (npm test -- --all).
func TestInGolangciLint(t *testing.T) {
	if os.Getenv("TIDEMARK_REQUIRE_ALL") != "1" {
		t.Skip("golangci-lint takes minutes to build with the plugin: TIDEMARK_REQUIRE_ALL=1 does it")
	}
	facts, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"tool/main.go": program,
		"tool/go.mod": "module example.com/tool\n\ngo 1.26\n\nrequire (\n\t" + golangci + "\n\tgithub.com/tidemark-go/tidemark/go/facts v0.0.0\n)\n\n" +
			"replace github.com/tidemark-go/tidemark/go/facts => " + facts + "\n",
		"leaky/go.mod":        "module example.com/leaky\n\ngo 1.24\n",
		"leaky/leaky.go":      leaky,
		"leaky/.golangci.yml": config,
	})
	run(t, filepath.Join(dir, "tool"), "go", "mod", "tidy")
	run(t, filepath.Join(dir, "tool"), "go", "build", "-o", "lint", ".")
	cmd := exec.Command(filepath.Join(dir, "tool", "lint"), "run", "./...")
	cmd.Dir = filepath.Join(dir, "leaky")
	out, _ := cmd.CombinedOutput() // findings are its exit code 1
	for _, want := range []string{"leaky.go:14", "resource/http-body", "the lease from leaky.take"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

package tidemark

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
)

// testdata/metrics holds what runtime/metrics offers, a file a Go version that changed it; `-update` writes the running
// version's file and the docs page.
var update = flag.Bool("update", false, "write testdata/metrics of this Go version and docs/signals-by-go-version.md")

// goldenVersions in ascending order; the tests of each of these versions hold its file against the runtime.
var goldenVersions = []string{"go1.19", "go1.21", "go1.24", "go1.26", "go1.27"}

const docsPage = "../../docs/signals-by-go-version.md"

func golden(version string) string {
	return filepath.Join("testdata", "metrics", version+".txt")
}

func runningVersion() string {
	return regexp.MustCompile(`^go1\.\d+`).FindString(runtime.Version())
}

// numbersOffered lists the plain numbers of runtime/metrics; GODEBUG counters are not signals and change with settings.
func numbersOffered() string {
	var b strings.Builder
	for _, d := range metrics.All() {
		if (d.Kind == metrics.KindUint64 || d.Kind == metrics.KindFloat64) && !strings.HasPrefix(d.Name, "/godebug/") {
			fmt.Fprintln(&b, d.Name)
		}
	}
	return b.String()
}

func TestGoldenOfThisVersion(t *testing.T) {
	path := golden(runningVersion())
	if *update {
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(numbersOffered()), 0o644))
	}
	want, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		t.Skipf("no golden of %s: only %v are kept", runtime.Version(), goldenVersions)
	}
	must(t, err)
	if got := numbersOffered(); got != string(want) {
		t.Errorf("%s offers\n%s\nand %s says\n%s", runtime.Version(), got, path, want)
	}
}

func offeredBy(t *testing.T, version string) map[string]bool {
	t.Helper()
	f, err := os.Open(golden(version))
	must(t, err)
	defer f.Close()
	set := map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		set[s.Text()] = true
	}
	return set
}

func TestDocsSayWhereSignalsComeFrom(t *testing.T) {
	if _, err := os.Stat(filepath.Dir(docsPage)); err != nil {
		t.Skip("this is the module alone, without the repository's docs")
	}
	page := docs(t)
	if *update {
		must(t, os.WriteFile(docsPage, []byte(page), 0o644))
	}
	have, err := os.ReadFile(docsPage)
	must(t, err)
	if string(have) != page {
		t.Errorf("%s is not what the table of signals says: go test -run Docs -update writes it", docsPage)
	}
}

// The page has to hold for the running version, not only for the goldens: every signal that it promises has a source.
func TestEverySignalOfTheDocsIsRead(t *testing.T) {
	r := newReader()
	offered := map[string]bool{}
	for _, name := range strings.Fields(numbersOffered()) {
		offered[name] = true
	}
	for i, p := range resolve(offered) {
		if (p.source == nil) != (r.plans[i].source == nil) || (p.source != nil && p.source.label() != r.plans[i].source.label()) {
			t.Errorf("%s: docs and reader differ", signals[i].name)
		}
	}
}

func TestNamesAndUnits(t *testing.T) {
	for _, s := range signals {
		if !regexp.MustCompile(`^tidemark_[a-z_]+$`).MatchString(s.name) || strings.HasSuffix(s.name, "_total") != s.counter || !strings.HasSuffix(s.help, ".") {
			t.Errorf("%+v", s)
		}
	}
}

func docs(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`# Which signal comes from where, by Go version

One set of names for all Go versions: what a name means never changes, only where the number comes from. The Go module
[go/tidemark](sdk.md) picks the source at run time by what ` + "`metrics.All`" + ` offers; a signal without a source is absent,
never 0. This page is generated from the module's table and from what each version offers, and tests under each of these
versions hold it against the runtime: ` + "`go test -run 'Docs|Golden' -update`" + ` in go/tidemark writes it.

A dash means absent. A Go version between two columns has at least the sources of the column on its left.

| signal | kind |`)
	for _, v := range goldenVersions {
		b.WriteString(" " + strings.TrimPrefix(v, "go") + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(goldenVersions)) + "\n")
	plans := make([][]plan, len(goldenVersions))
	for i, v := range goldenVersions {
		plans[i] = resolve(offeredBy(t, v))
	}
	for i, s := range signals {
		name, kind := "`"+s.name, "gauge"
		if s.labels != "" {
			name += "{" + s.labels + "}"
		}
		if s.counter {
			kind = "counter"
		}
		fmt.Fprintf(&b, "| %s` | %s |", name, kind)
		last := ""
		for j := range goldenVersions {
			cell := "–"
			if p := plans[j][i].source; p != nil {
				cell = strings.ReplaceAll(p.label(), " + ", ", ")
			}
			if cell == last && cell != "–" {
				b.WriteString(" = |")
			} else {
				b.WriteString(" " + cell + " |")
			}
			last = cell
		}
		b.WriteString("\n")
	}
	b.WriteString(`
"=" means as in the column before; several names are added up.

## What each signal is
`)
	last := ""
	for _, s := range signals {
		if s.name != last {
			fmt.Fprintf(&b, "- `%s`: %s\n", s.name, s.help)
		}
		last = s.name
	}
	return b.String()
}

// Package plugin makes the analyzers of Tidemark a linter of golangci-lint
// (its module plugin system: docs/golangci-lint.md).
package plugin

import (
	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
	"github.com/tidemark-go/tidemark/go/facts/internal/syncfacts"
)

// Name of the linter in a configuration.
const Name = "tidemark"

// Settings of the linter: linters.settings.custom.tidemark.settings.
type Settings struct {
	// Pairs of acquire and release beside the table of the program.
	Pairs []resource.Pair `json:"pairs"`
}

func init() { register.Plugin(Name, New) }

type linter struct{ settings Settings }

// New makes the linter from its settings. An error says what is wrong with them.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, err
	}
	return &linter{s}, resource.CheckPairs(s.Pairs)
}

// BuildAnalyzers are those of one package: what the whole program has to be
// known for is told by tidemark scan alone.
func (l *linter) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	return []*analysis.Analyzer{syncfacts.Analyzer, resource.NewAnalyzer(l.settings.Pairs)}, nil
}

// GetLoadMode asks for types: the analyzers make their SSA form themselves.
func (l *linter) GetLoadMode() string { return register.LoadModeTypesInfo }

package resource_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/tidemark-go/tidemark/go/facts/internal/resource"
)

// What a helper in another package does comes as a fact.
func TestAnalyzer(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), resource.Analyzer, "example.com/helper", "example.com/user")
}

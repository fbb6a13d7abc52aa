// Command leaky-ext runs the test subjects that need more than the standard library, with the
// same command line as leaky.
package main

import (
	"os"

	"github.com/tidemark-go/tidemark/go/leaky/ext/subjects"
	"github.com/tidemark-go/tidemark/go/leaky/internal/command"
)

func main() {
	program := command.Program{Name: "leaky-ext", Subjects: subjects.All(), Sources: subjects.Sources, Dir: "ext/subjects"}
	os.Exit(program.Main(os.Args[1:]))
}

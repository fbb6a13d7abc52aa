// Command leaky runs the test subjects: programs that leak on purpose, each with its fixed
// twin, and programs that only look as if they leaked.
package main

import (
	"os"

	"github.com/tidemark-go/tidemark/go/leaky/internal/command"
	"github.com/tidemark-go/tidemark/go/leaky/subjects"
)

func main() {
	program := command.Program{Name: "leaky", Subjects: subjects.All(), Sources: subjects.Sources, Dir: "subjects"}
	os.Exit(program.Main(os.Args[1:]))
}

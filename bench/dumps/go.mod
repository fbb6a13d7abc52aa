module github.com/tidemark-go/tidemark/bench/dumps

go 1.26

require github.com/maruel/panicparse/v2 v2.5.0

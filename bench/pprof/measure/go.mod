module github.com/tidemark-go/tidemark/bench/pprof/measure

go 1.21

module github.com/tidemark-go/tidemark/bench/pprof-diff/subject

go 1.21

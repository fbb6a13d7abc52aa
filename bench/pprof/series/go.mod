module github.com/tidemark-go/tidemark/bench/pprof/series

go 1.21

module github.com/tidemark-go/tidemark/go/leaky

go 1.24

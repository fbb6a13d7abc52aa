module github.com/tidemark-go/tidemark/go/tidemark

go 1.19

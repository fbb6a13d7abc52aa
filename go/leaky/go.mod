module github.com/tidemark-go/tidemark/go/leaky

go 1.24

require github.com/tidemark-go/tidemark/go/tidemark v0.0.0

replace github.com/tidemark-go/tidemark/go/tidemark => ../tidemark

module github.com/tidemark-go/tidemark/go/leaky/goroutine

go 1.19

module github.com/tidemark-go/tidemark/go/leaky/ext

go 1.24

require (
	github.com/proullon/ramsql v0.1.5
	github.com/tidemark-go/tidemark/go/leaky v0.0.0
)

require (
	github.com/google/uuid v1.3.0 // indirect
	github.com/tidemark-go/tidemark/go/tidemark v0.0.0 // indirect
	golang.org/x/exp v0.0.0-20230713183714-613f0c0eb8a1 // indirect
)

replace github.com/tidemark-go/tidemark/go/leaky => ../

replace github.com/tidemark-go/tidemark/go/tidemark => ../../tidemark

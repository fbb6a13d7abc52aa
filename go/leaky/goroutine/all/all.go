// Package all brings in every package of cases.
package all

import (
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/bank"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/cache"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/control"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/events"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/feed"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/fleet"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/pipeline"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/plugin"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/quota"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/stream"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/watch"
	_ "github.com/tidemark-go/tidemark/go/leaky/goroutine/workers"
)

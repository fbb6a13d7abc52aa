// Package feed: channels whose other side is missing.
package feed

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "sender-returned", Title: "the sender leaves on an error and never sends", Cause: "no-sender", Holder: suite.Gone, Leak: leakLoad, Fixed: fixedLoad},
		suite.Case{ID: "receive-one-too-many", Title: "one receive more than there are senders", Cause: "no-sender", Holder: suite.Gone, Leak: leakCollect, Fixed: fixedCollect},
		suite.Case{ID: "first-error-wins", Title: "the receiver returns at the first error", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakAll, Fixed: fixedAll},
		suite.Case{ID: "timeout-unbuffered", Title: "the caller times out, the result has no buffer", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakCharge, Fixed: fixedCharge},
		suite.Case{ID: "first-reply-wins", Title: "replicas answer a caller that took the first answer", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakQuery, Fixed: fixedQuery},
		suite.Case{ID: "consumer-panicked", Title: "the consumer dies of a recovered panic", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakSink, Fixed: fixedSink},
		suite.Case{ID: "stop-after-end", Title: "Close tells a loop that has already ended", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakLoop, Fixed: fixedLoop},
		suite.Case{ID: "nobody-listens", Title: "a hook channel that nobody reads", Cause: "no-receiver", Holder: suite.Gone, Leak: leakHook, Fixed: fixedHook},
		suite.Case{ID: "semaphore-kept", Title: "a token is not given back on an error", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakTokens, Fixed: fixedTokens},
		suite.Case{ID: "send-to-each-other", Title: "two peers send, neither receives", Cause: "no-receiver", Holder: suite.Other, Leak: leakPeers, Fixed: fixedPeers},
		suite.Case{ID: "pipe-without-reader", Title: "an io.Pipe whose reader stopped early", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakPipe, Fixed: fixedPipe},
	)
}

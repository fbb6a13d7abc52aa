// Package control: locks, channels and contexts together, in the shapes that
// controllers and long-lived connections get wrong.
package control

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "close-waits-under-lock", Title: "Close waits under the lock for a watcher that needs it", Cause: "lock-held-while-blocked", Holder: suite.Other, Leak: leakBalancer, Fixed: fixedBalancer},
		suite.Case{ID: "full-channel-under-lock", Title: "a full channel under the lock that its reader needs", Cause: "lock-held-while-blocked", Holder: suite.Other, Leak: leakRaft, Fixed: fixedRaft},
		suite.Case{ID: "context-wrong-parent", Title: "a watcher hangs on the broker's context instead of the request's", Cause: "context-never-cancelled", Holder: suite.Gone, Leak: leakBroker, Fixed: fixedBroker},
		suite.Case{ID: "after-in-loop", Title: "a beat by time.After whose end is never closed", Cause: "select-no-exit", Holder: suite.Gone, Leak: leakKeepalive, Fixed: fixedKeepalive},
		suite.Case{ID: "broadcast-missed", Title: "a look and a Wait with a Broadcast between", Cause: "cond-no-signal", Holder: suite.Gone, Leak: leakReadiness, Fixed: fixedReadiness},
		suite.Case{ID: "stop-in-wrong-order", Title: "Stop waits before it tells to end", Cause: "no-close", Holder: suite.Other, Leak: leakServer, Fixed: fixedServer},
	)
}

// Package fleet: locks in the shapes that cluster managers get wrong.
package fleet

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "cycle-across-packages", Title: "a store that tells its manager under its lock", Cause: "lock-cycle", Holder: suite.Other, Leak: leakManager, Fixed: fixedManager},
		suite.Case{ID: "latches-in-caller-order", Title: "locks of a map taken in the order of the arguments", Cause: "lock-cycle", Holder: suite.Other, Leak: leakLatches, Fixed: fixedLatches},
		suite.Case{ID: "writer-starves-reader", Title: "a writer between two readers that need each other", Cause: "lock-held-while-blocked", Holder: suite.Other, Leak: leakLease, Fixed: fixedLease},
		suite.Case{ID: "double-lock-observer", Title: "an observer asks back through two interfaces", Cause: "lock-recursive", Holder: suite.Self, Leak: leakRegistry, Fixed: fixedRegistry},
		suite.Case{ID: "embedded-relock", Title: "a promoted Lock and a method of the embedded type", Cause: "lock-recursive", Holder: suite.Self, Leak: leakContainer, Fixed: fixedContainer},
		suite.Case{ID: "locker-interface", Title: "a lock known as sync.Locker, taken again in its callback", Cause: "lock-recursive", Holder: suite.Self, Leak: leakLedger, Fixed: fixedLedger},
		suite.Case{ID: "defer-in-loop", Title: "a deferred unlock in a loop", Cause: "lock-recursive", Holder: suite.Self, Leak: leakEvictor, Fixed: fixedEvictor},
		suite.Case{ID: "upgrade-in-visit", Title: "a visitor under the read lock removes what it visits", Cause: "lock-recursive", Holder: suite.Self, Leak: leakReplicas, Fixed: fixedReplicas},
		suite.Case{ID: "map-entry-kept", Title: "the lock of a map's entry kept by an error return", Cause: "lock-not-released-return", Holder: suite.Gone, Leak: leakVolumes, Fixed: fixedVolumes},
		suite.Case{ID: "generic-load-error", Title: "a generic cache keeps its write lock when loading fails", Cause: "lock-not-released-return", Holder: suite.Gone, Leak: leakLoading, Fixed: fixedLoading},
		suite.Case{ID: "panic-in-generic", Title: "a method of a type parameter panics under an inner lock", Cause: "lock-not-released-panic", Holder: suite.Gone, Leak: leakQueue, Fixed: fixedQueue},
	)
}

// Package bank: lock orders.
package bank

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "cycle-instances", Title: "two accounts locked in argument order", Cause: "lock-cycle", Holder: suite.Other, Leak: leakTransfer, Fixed: fixedTransfer},
		suite.Case{ID: "cycle-globals", Title: "two package mutexes taken in both orders", Cause: "lock-cycle", Holder: suite.Other, Leak: leakGlobals, Fixed: fixedGlobals},
		suite.Case{ID: "cycle-helpers", Title: "each side locks its own and asks the other through a method", Cause: "lock-cycle", Holder: suite.Other, Leak: leakHelpers, Fixed: fixedHelpers},
		suite.Case{ID: "cycle-three", Title: "three goroutines, each with one lock of a slice", Cause: "lock-cycle", Holder: suite.Other, Leak: leakThree, Fixed: fixedThree},
		suite.Case{ID: "cycle-rwmutex", Title: "a write lock and a plain mutex", Cause: "lock-cycle", Holder: suite.Other, Leak: leakIndex, Fixed: fixedIndex},
		suite.Case{ID: "cycle-shards", Title: "two shards of an array, in key order of the caller", Cause: "lock-cycle", Holder: suite.Other, Leak: leakShards, Fixed: fixedShards},
	)
}

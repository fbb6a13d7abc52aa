// Package quota: locks that a return leaves behind.
package quota

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "return-error-path", Title: "an error return before the unlock", Cause: "lock-not-released-return", Holder: suite.Gone, Leak: leakReserve, Fixed: fixedReserve},
		suite.Case{ID: "return-switch-default", Title: "a switch case that returns with a global locked", Cause: "lock-not-released-return", Holder: suite.Gone, Leak: leakRoute, Fixed: fixedRoute},
		suite.Case{ID: "return-rlock", Title: "a read lock kept by a miss, and a writer behind it", Cause: "lock-not-released-return", Holder: suite.Gone, Leak: leakLookup, Fixed: fixedLookup},
		suite.Case{ID: "return-helper-acquires", Title: "a helper that returns with the lock held", Cause: "lock-not-released-return", Holder: suite.Gone, Leak: leakBegin, Fixed: fixedBegin},
		suite.Case{ID: "return-closure-local", Title: "a local mutex shared by closures", Cause: "lock-not-released-return", Holder: suite.Gone, Leak: leakGather, Fixed: fixedGather},
		suite.Case{ID: "return-unlock-value", Title: "an unlock function that one path drops", Cause: "lock-not-released-return", Holder: suite.Gone, Leak: leakGuard, Fixed: fixedGuard},
	)
}

// Package plugin: locks that a panic or a Goexit leaves behind.
package plugin

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "panic-recovered", Title: "a plugin panics between lock and unlock, its host recovers", Cause: "lock-not-released-panic", Holder: suite.Gone, Leak: leakCall, Fixed: fixedCall},
		suite.Case{ID: "panic-nil-map", Title: "a write to a nil map under the lock", Cause: "lock-not-released-panic", Holder: suite.Gone, Leak: leakCount, Fixed: fixedCount},
		suite.Case{ID: "panic-type-assertion", Title: "a failed assertion under a read lock", Cause: "lock-not-released-panic", Holder: suite.Gone, Leak: leakDecode, Fixed: fixedDecode},
		suite.Case{ID: "goexit-under-lock", Title: "a fatal helper ends the goroutine with the lock held", Cause: "lock-not-released-goexit", Holder: suite.Gone, Leak: leakFatal, Fixed: fixedFatal},
		suite.Case{ID: "panic-waitgroup", Title: "a recovered panic skips Done", Cause: "waitgroup-count", Holder: suite.Gone, Leak: leakGroup, Fixed: fixedGroup},
	)
}

// Package cache: a goroutine that waits for a lock it holds itself.
package cache

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "recursive-method", Title: "a method calls a locking sister", Cause: "lock-recursive", Holder: suite.Self, Leak: leakEvict, Fixed: fixedEvict},
		suite.Case{ID: "recursive-callback", Title: "a handler registers another while the list is locked", Cause: "lock-recursive", Holder: suite.Self, Leak: leakEmit, Fixed: fixedEmit},
		suite.Case{ID: "recursive-stringer", Title: "a formatted value locks in String", Cause: "lock-recursive", Holder: suite.Self, Leak: leakStringer, Fixed: fixedStringer},
		suite.Case{ID: "recursive-upgrade", Title: "a read lock upgraded to a write lock", Cause: "lock-recursive", Holder: suite.Self, Leak: leakUpgrade, Fixed: fixedUpgrade},
		suite.Case{ID: "recursive-generic", Title: "an update function reads the same generic box", Cause: "lock-recursive", Holder: suite.Self, Leak: leakBox, Fixed: fixedBox},
		suite.Case{ID: "recursive-once", Title: "a once that needs its own result", Cause: "lock-recursive", Holder: suite.Self, Leak: leakOnce, Fixed: fixedOnce},
		suite.Case{ID: "recursive-loop", Title: "a continue that skips the unlock", Cause: "lock-recursive", Holder: suite.Self, Leak: leakContinue, Fixed: fixedContinue},
		suite.Case{ID: "rlock-writer-rlock", Title: "a nested read lock with a writer between", Cause: "rlock-recursive", Holder: suite.Self, Leak: leakNested, Fixed: fixedNested},
	)
}

// Package stream: channels in the shapes that servers and pipelines get wrong.
package stream

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "group-first-error", Title: "a group's first error sends the reader home", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakRows, Fixed: fixedRows},
		suite.Case{ID: "generator-dropped", Title: "the reader of a fan-in returns at the first hit", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakNumbers, Fixed: fixedNumbers},
		suite.Case{ID: "add-in-goroutine", Title: "Add inside of the goroutines lets the reader go early", Cause: "receiver-returned", Holder: suite.Gone, Leak: leakProbe, Fixed: fixedProbe},
		suite.Case{ID: "slot-kept", Title: "a semaphore that starts full loses a slot to an error", Cause: "no-sender", Holder: suite.Gone, Leak: leakSlots, Fixed: fixedSlots},
		suite.Case{ID: "dial-drops-conn", Title: "a failed handshake drops a connection without closing it", Cause: "select-no-exit", Holder: suite.Gone, Leak: leakDial, Fixed: fixedDial},
		suite.Case{ID: "option-nil-channel", Title: "a channel of the options that was left out", Cause: "nil-channel", Holder: suite.Gone, Leak: leakNotify, Fixed: fixedNotify},
		suite.Case{ID: "done-after-panic", Title: "a swallowed panic comes before the close", Cause: "no-close", Holder: suite.Gone, Leak: leakFlush, Fixed: fixedFlush},
		suite.Case{ID: "closer-never-closes", Title: "the closer waits for a worker that never started", Cause: "waitgroup-count", Holder: suite.Gone, Leak: leakCrawl, Fixed: fixedCrawl},
	)
}

// Package events: a lock held by a goroutine that waits for something else.
package events

import (
	"embed"

	"github.com/tidemark-go/tidemark/go/leaky/goroutine/suite"
)

//go:embed *.go
var source embed.FS

func init() {
	suite.Register(source,
		suite.Case{ID: "held-during-send", Title: "a broadcast under the lock, the subscriber needs the lock", Cause: "lock-held-while-blocked", Holder: suite.Other, Leak: leakBroadcast, Fixed: fixedBroadcast},
		suite.Case{ID: "held-during-receive", Title: "a request awaits its reply under the lock, the replier needs it", Cause: "lock-held-while-blocked", Holder: suite.Other, Leak: leakRequest, Fixed: fixedRequest},
		suite.Case{ID: "held-during-wait", Title: "Stop waits for workers that need the lock", Cause: "lock-held-while-blocked", Holder: suite.Other, Leak: leakStop, Fixed: fixedStop},
		suite.Case{ID: "held-during-cond", Title: "an outer lock kept during Cond.Wait", Cause: "lock-held-while-blocked", Holder: suite.Other, Leak: leakTake, Fixed: fixedTake},
		suite.Case{ID: "held-during-io", Title: "a network read under the lock", Cause: "lock-held-while-blocked", Holder: suite.Other, Leak: leakRead, Fixed: fixedRead},
		suite.Case{ID: "held-during-select", Title: "a select with no exit under the lock", Cause: "lock-held-while-blocked", Holder: suite.Other, Leak: leakOffer, Fixed: fixedOffer},
		suite.Case{ID: "slow-holder", Title: "slow work under the lock", Cause: "slow-holder", Holder: suite.Other, Leak: leakSlow, Fixed: fixedSlow},
	)
}

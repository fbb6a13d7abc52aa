package subjects

import (
	"fmt"
	"hash/crc32"
	"net/http"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var loadStep = varyingLoad("load-step", "the load becomes four times as high after 20 s and stays", false, func(second float64) float64 {
	if second < 20 {
		return 0.25
	}
	return 1
})

var loadRamp = varyingLoad("load-ramp", "the load rises slowly for 40 s and stays", false, func(second float64) float64 {
	return 0.1 + 0.9*min(1, second/40)
})

var loadRampLong = varyingLoad("load-ramp-long", "the load rises slowly for 5 minutes, longer than a minute's watch", true, func(second float64) float64 {
	return 0.1 + 0.9*min(1, second/300)
})

var burst = varyingLoad("burst", "a burst of ten times the load from second 20 to 32, and then as before", false, func(second float64) float64 {
	if second >= 20 && second < 32 {
		return 1
	}
	return 0.1
})

// varyingLoad is a service that works about a second on a request, with a buffer and a
// goroutine each: what is in flight follows the load.
func varyingLoad(name, title string, stillRising bool, shape func(second float64) float64) subject.Subject {
	s := subject.Subject{
		Name:   name,
		Title:  title,
		Kind:   subject.Quiet,
		Signal: subject.HeapAndGoroutine,
		Loads: []subject.Load{
			{Name: "low", RatePerSecond: 30, SizeBytes: 64 << 10},
			{Name: "mid", RatePerSecond: 100, SizeBytes: 128 << 10},
			{Name: "high", RatePerSecond: 200, SizeBytes: 256 << 10},
		},
		Path:        "/reports",
		Shape:       shape,
		MaxInFlight: 400,
		New: func(o subject.Options) (*subject.Service, error) {
			return &subject.Service{Handler: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintln(w, report(requestID(r), o.SizeBytes, o.Seconds(1)))
			}}, nil
		},
	}
	for i := range s.Loads {
		s.Loads[i].StillFilling = stillRising
	}
	return s
}

// report waits for a database with its buffer in hand, and uses it again afterwards.
func report(id string, bufferBytes int, query time.Duration) uint32 {
	buffer := make([]byte, bufferBytes)
	fill(buffer, id)
	time.Sleep(query)
	return crc32.ChecksumIEEE(buffer)
}

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// waiting counts the goroutines with the function on their stack.
func waiting(function string) int {
	buffer := make([]byte, 4<<20)
	dump := string(buffer[:runtime.Stack(buffer, true)])
	return strings.Count(dump, "\n"+function+"(")
}

// live returns the bytes that were allocated by the function and are still in use.
func live(t *testing.T, function string) (total int64) {
	t.Helper()
	runtime.GC()
	records := make([]runtime.MemProfileRecord, 1<<14)
	n, ok := runtime.MemProfile(records, false)
	if !ok {
		t.Fatal("too many records")
	}
	for _, r := range records[:n] {
		frames := runtime.CallersFrames(r.Stack())
		for more := true; more; {
			var f runtime.Frame
			if f, more = frames.Next(); f.Function == function {
				total += r.InUseBytes()
				break
			}
		}
	}
	return total
}

const (
	shopPath = "github.com/tidemark-go/tidemark/go/leaky/internal/shop/"
	create   = shopPath + "sessions.(*Store).Create"
	charge   = shopPath + "payment.(*Gateway).Charge.func1"
	observe  = shopPath + "metrics.(*Latency).Observe"
	twin     = shopPath + "payment.(*BufferedGateway).Charge.func1"
)

func TestTheShopLeaksWhereItShould(t *testing.T) {
	runtime.MemProfileRate = 1 // the program itself keeps the default
	for _, fixed := range []bool{true, false} {
		t.Run(fmt.Sprintf("fixed=%t", fixed), func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			shop := newApp(ctx, fixed)
			mux := http.NewServeMux()
			shop.routes(mux)
			server := httptest.NewServer(mux)
			defer server.Close()

			const logins, orders = 400, 300
			requests := make(chan string, logins+orders)
			for n := range logins {
				requests <- fmt.Sprintf("/login?user=%d", n)
			}
			for n := range orders {
				requests <- fmt.Sprintf("/orders/%d", n)
			}
			close(requests)
			sessionsBefore, latencyBefore := live(t, create), live(t, observe)
			var customers sync.WaitGroup
			for range 20 {
				customers.Add(1)
				go func() {
					defer customers.Done()
					for path := range requests {
						res, err := server.Client().Post(server.URL+path, "text/plain", nil)
						if err != nil {
							t.Error(err)
							return
						}
						io.Copy(io.Discard, res.Body)
						res.Body.Close()
					}
				}()
			}
			customers.Wait()
			time.Sleep(2300 * time.Millisecond) // the slow bank has answered everyone by then

			sessionBytes, latencyBytes := live(t, create)-sessionsBefore, live(t, observe)-latencyBefore
			stuck := waiting(charge)
			t.Logf("sessions %d B, latency %d B, stuck payments %d", sessionBytes, latencyBytes, stuck)
			if fixed {
				if sessionBytes > 0 || latencyBytes > 20<<10 || stuck > 0 || waiting(twin) > 0 {
					t.Error("the fixed shop leaks")
				}
				return
			}
			// A tenth of the orders meets a slow bank: 30 of 300, with a standard deviation of 5.
			if sessionBytes < logins*9000 || latencyBytes < orders*500 || stuck < 12 {
				t.Error("the shop does not leak")
			}
		})
	}
}

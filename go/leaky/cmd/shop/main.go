// Command shop is the demo: a small web shop that leaks in three places, with its own customers.
//
// It serves on loopback only and prints `listening http://HOST:PORT` as its first line.
package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/load"
	"github.com/tidemark-go/tidemark/go/leaky/internal/serve"
)

const maxCustomers = 128

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "loopback address to serve on; port 0 lets the system choose")
	fixed := flag.Bool("fixed", false, "run the twin with all leaks fixed")
	customers := flag.Bool("load", true, "send the shop its own customers")
	rate := flag.Float64("rate", 300, "requests per second of those customers")
	duration := flag.Duration("duration", 10*time.Minute, "end after this time; 0 = never")
	parentWatch := flag.Bool("parent-watch", false, "end when standard input is closed or the parent is gone")
	flag.Parse()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	shop := newApp(ctx, *fixed)
	cfg := serve.Config{Addr: *addr, Routes: shop.routes, Duration: *duration, ParentWatch: *parentWatch, Stdout: os.Stdout}
	if *customers {
		cfg.Drive = func(ctx context.Context, base string) { drive(ctx, base, *rate) }
	}
	if err := serve.Run(cfg); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(2)
	}
}

// drive sends customers: a third log in, a third look at products, a third order.
func drive(ctx context.Context, base string, ratePerSecond float64) {
	client := load.Client()
	zipf := newZipf()
	load.Run(ctx, client, base, load.Plan{
		RatePerSecond: func(time.Duration) float64 { return ratePerSecond },
		Timeout:       5 * time.Second,
		MaxInFlight:   maxCustomers,
		Seed:          1,
		Next: func(rng *rand.Rand, n int) load.Request {
			switch p := rng.Float64(); {
			case p < 1.0/3:
				return load.Request{Path: "/login?user=customer" + strconv.Itoa(rng.IntN(1e6)), BodyBytes: 64}
			case p < 2.0/3:
				return load.Request{Path: "/orders/" + strconv.Itoa(100000+n), BodyBytes: 512}
			default:
				return load.Request{Path: "/products/" + strconv.FormatUint(zipf(rng), 10)}
			}
		},
	}, &load.Stats{})
}

// newZipf draws products as customers do: a few are looked at again and again.
func newZipf() func(*rand.Rand) uint64 {
	var zipf *rand.Zipf
	return func(rng *rand.Rand) uint64 {
		if zipf == nil {
			zipf = rand.NewZipf(rng, 1.1, 8, 20000)
		}
		return zipf.Uint64()
	}
}

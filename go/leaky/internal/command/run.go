package command

import (
	"context"
	"encoding/json"
	"expvar"
	"flag"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/load"
	"github.com/tidemark-go/tidemark/go/leaky/internal/serve"
	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
	"github.com/tidemark-go/tidemark/go/tidemark"
)

// running is a subject that is being served, with the switches that /control turns.
type running struct {
	subject   subject.Subject
	service   *subject.Service
	leaking   atomic.Bool
	rateBits  atomic.Uint64 // requests per second, as a float
	sizeBytes int
	seed      uint64
	stats     load.Stats
}

func (p Program) run(args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	fixed := flags.Bool("fixed", false, "run the fixed twin of a leak")
	loadName := flags.String("load", "", "one of the subject's loads; default: `default` of a leak, `mid` of a quiet subject")
	rate := flags.Float64("rate", -1, "requests per second, instead of the load's")
	size := flags.Int("size", 0, "bytes that one request costs, instead of the load's")
	warm := flags.Duration("warm", 0, "serve fixed for this long before the leak begins")
	addr := flags.String("addr", "127.0.0.1:0", "loopback address to serve on; port 0 lets the system choose")
	duration := flags.Duration("duration", 10*time.Minute, "end after this time; 0 = never")
	external := flags.Bool("external-load", false, "wait for requests of `load` instead of sending them")
	parentWatch := flags.Bool("parent-watch", false, "end when standard input is closed or the parent is gone")
	sdk := flags.Bool("sdk", false, "serve go/tidemark too, at an address of its own; the second line tells it")
	seed := flags.Uint64("seed", 1, "seed of all chance in the subject and its load")
	name, err := p.parse(flags, args, "the name of a subject")
	if err != nil {
		return err
	}
	s, err := p.find(name)
	if err != nil {
		return err
	}
	chosen, ok := s.Load(*loadName)
	if !ok {
		return fmt.Errorf("%w: %s has no load %q", errUsage, name, *loadName)
	}
	if *rate >= 0 {
		chosen.RatePerSecond = *rate
	}
	if *size > 0 {
		chosen.SizeBytes = *size
	}
	options := subject.Options{SizeBytes: chosen.SizeBytes, RatePerSecond: chosen.RatePerSecond, Seed: *seed, Second: time.Second}
	service, err := s.New(options)
	if err != nil {
		return err
	}
	if service.Close != nil {
		defer service.Close()
	}
	r := &running{subject: s, service: service, sizeBytes: chosen.SizeBytes, seed: *seed}
	r.setRate(chosen.RatePerSecond)
	if s.Kind == subject.Leak && !*fixed {
		if *warm == 0 {
			r.leaking.Store(true)
		} else {
			time.AfterFunc(*warm, func() { r.leaking.Store(true) })
		}
	}
	r.publish()

	var agent *tidemark.Agent
	if *sdk {
		if agent, err = tidemark.Start(tidemark.Options{Addr: "127.0.0.1:0"}); err != nil {
			return err
		}
		defer agent.Close()
	}

	cfg := serve.Config{Addr: *addr, Routes: r.routes, Duration: *duration, ParentWatch: *parentWatch, Stdout: p.Stdout}
	if agent != nil {
		cfg.Also = "tidemark http://" + agent.Addr()
	}
	if !*external {
		cfg.Drive = r.drive
	}
	return serve.Run(cfg)
}

func (r *running) rate() float64             { return math.Float64frombits(r.rateBits.Load()) }
func (r *running) setRate(perSecond float64) { r.rateBits.Store(math.Float64bits(perSecond)) }

func (r *running) drive(ctx context.Context, base string) {
	plan := r.subject.Plan(r.rate, r.sizeBytes, time.Second, r.seed)
	load.Run(ctx, load.Client(), base, plan, &r.stats)
}

func (r *running) routes(mux *http.ServeMux) {
	mux.HandleFunc(r.subject.Path, func(w http.ResponseWriter, req *http.Request) {
		if r.service.Fixed != nil && !r.leaking.Load() {
			r.service.Fixed(w, req)
			return
		}
		r.service.Handler(w, req)
	})
	mux.HandleFunc("/control", r.control)
}

// state is what /control answers and what `load` asks for.
type state struct {
	Subject       string  `json:"subject"`
	Leak          bool    `json:"leak"`
	RatePerSecond float64 `json:"ratePerSecond"`
	SizeBytes     int     `json:"sizeBytes"`
	Seed          uint64  `json:"seed"`
}

// control switches the running subject: /control?leak=on|off&rate=REQUESTS_PER_SECOND.
func (r *running) control(w http.ResponseWriter, req *http.Request) {
	switch leak := req.FormValue("leak"); {
	case leak == "":
	case leak == "on" && r.service.Fixed != nil, leak == "off" && r.service.Fixed != nil:
		r.leaking.Store(leak == "on")
	case leak == "on" || leak == "off":
		http.Error(w, r.subject.Name+" is quiet: it has no leak to switch", http.StatusBadRequest)
		return
	default:
		http.Error(w, "leak is on or off", http.StatusBadRequest)
		return
	}
	if text := req.FormValue("rate"); text != "" {
		rate, err := strconv.ParseFloat(text, 64)
		if err != nil || !(rate >= 0 && rate <= 1e5) {
			http.Error(w, "rate is requests per second, 0 to 100000", http.StatusBadRequest)
			return
		}
		r.setRate(rate)
	}
	json.NewEncoder(w).Encode(state{r.subject.Name, r.leaking.Load(), r.rate(), r.sizeBytes, r.seed})
}

func (r *running) publish() {
	expvar.Publish("leaky", expvar.Func(func() any {
		return map[string]any{
			"subject": r.subject.Name, "leak": r.leaking.Load(), "ratePerSecond": r.rate(),
			"sent": r.stats.Sent.Load(), "failed": r.stats.Failed.Load(), "shed": r.stats.Shed.Load(),
		}
	}))
}

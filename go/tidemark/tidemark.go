// Package tidemark makes a Go service observable for leak hunting, with the standard library only:
//
//	agent, err := tidemark.Start(tidemark.Options{}) // serves on 127.0.0.1:6060
//	defer agent.Close()
//
// It serves the profiles of runtime/pprof (without net/http/pprof, which would open them on http.DefaultServeMux too),
// memory figures as JSON and as Prometheus text under one set of names for Go 1.19 and later, a switch for lock
// profiling (SIGUSR2), and it writes profile sets to a folder whenever memory or goroutines reach a new tidemark, so
// that there is evidence after an OOM kill. Reading its numbers never stops the world.
package tidemark

import (
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// NoServer as Options.Addr starts no server: Agent.Handler is mounted by the service.
const NoServer = "none"

// DefaultAddr is where Start listens when Options.Addr is empty.
const DefaultAddr = "127.0.0.1:6060"

var (
	errClosed   = errors.New("tidemark: closed")
	errStarted  = errors.New("tidemark: already started in this process")
	errTooLarge = errors.New("tidemark: profile is larger than Limits.MaxProfileBytes")
	errNoWindow = errors.New("tidemark: no lock-profiling window yet; POST /debug/tidemark/locks or SIGUSR2 opens one")
	errBusy     = errors.New("tidemark: another capture is running: one at a time")
	errInUse    = errors.New("tidemark: the program itself is taking one")
	errNoDir    = errors.New("tidemark: no folder for captures: set Options.Captures.Dir")
)

// Options of Start. The zero value is right for a service on one machine.
type Options struct {
	// Addr to listen on (default DefaultAddr); NoServer for none. An address beyond loopback needs a Token.
	Addr string
	// Token (16 characters or more) lets requests from elsewhere read, and any request change state:
	// Authorization: Bearer <token>. Without one nothing can be changed over HTTP.
	Token string
	// RequireToken asks for the token on loopback too, e.g. behind a proxy on the same machine.
	RequireToken bool
	// MemProfileRate sets runtime.MemProfileRate when not 0; -1 turns heap profiling off. Call Start first in main, or
	// set TIDEMARK_MEM_PROFILE_RATE, which is applied before main: what was allocated earlier was sampled at the old rate.
	MemProfileRate int
	// BlockProfileRateNs is the block rate that the service itself set, 0 for none; the end of lock profiling sets it
	// again, since the runtime has no way to ask for it.
	BlockProfileRateNs int
	Locks              LockOptions
	Captures           CaptureOptions
	Limits             Limits
	// Log gets a line for each switch and capture (default log.Default()).
	Log *log.Logger
}

// Agent is what Start started. All its methods may be called concurrently.
type Agent struct {
	reader     *reader
	locks      *lockSwitch
	captures   *captureStore
	slot       captureSlot
	limits     Limits
	build      Build
	hostname   string
	liveSource string
	handler    http.Handler
	log        *log.Logger

	listener net.Listener
	server   *http.Server
	done     chan struct{}
	running  sync.WaitGroup
	closing  sync.Once
	closeErr error
}

var started atomic.Bool

// Start starts the agent, of which a process has one at a time: it owns the process's lock profiling. It fails on
// wrong options, on an address that is taken, and on a folder that cannot be written.
func Start(o Options) (*Agent, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if !started.CompareAndSwap(false, true) {
		return nil, errStarted
	}
	a, err := start(o)
	if err != nil {
		started.Store(false)
		return nil, err
	}
	return a, nil
}

func (o Options) check() error {
	if o.Token != "" && len(o.Token) < minTokenLength {
		return fmt.Errorf("tidemark: a token has at least %d characters", minTokenLength)
	}
	if o.RequireToken && o.Token == "" {
		return errors.New("tidemark: RequireToken needs a Token")
	}
	if o.MemProfileRate < -1 || o.BlockProfileRateNs < 0 {
		return errors.New("tidemark: MemProfileRate is at least -1, BlockProfileRateNs at least 0")
	}
	if err := o.Locks.check(); err != nil {
		return err
	}
	return o.Captures.check()
}

func start(o Options) (*Agent, error) {
	if o.MemProfileRate != 0 {
		rate := o.MemProfileRate
		if rate < 0 {
			rate = 0
		}
		setMemProfileRate(rate, "tidemark.Start")
	}
	limits := o.Limits.withDefaults()
	a := &Agent{reader: newReader(), limits: limits, build: readBuild(runtime.Version()), log: o.Log, done: make(chan struct{}),
		locks: newLockSwitch(o.Locks, o.BlockProfileRateNs, limits.MaxProfileBytes)}
	if a.log == nil {
		a.log = log.Default()
	}
	a.hostname, _ = os.Hostname()
	if s := a.reader.plans[signalIndex[heapLive]].source; s != nil {
		a.liveSource = s.label()
	}
	a.handler = a.routes(newGuard(o.Token, o.RequireToken))
	var err error
	if a.captures, err = openCaptures(o.Captures, a.hostname); err != nil {
		return nil, err
	}
	if err := a.listen(o); err != nil {
		return nil, err
	}
	if !o.Locks.NoSignal {
		stop := onSwitchSignal(func() {
			state, err := a.locks.toggle("signal")
			if err != nil {
				a.log.Print(err)
				return
			}
			a.log.Print("tidemark: " + state.Message)
		})
		a.running.Add(1)
		go func() { defer a.running.Done(); <-a.done; stop() }()
	}
	if a.captures.on() {
		a.running.Add(1)
		go func() { defer a.running.Done(); a.watchTidemarks() }()
	}
	return a, nil
}

// maxConnections bounds what a flood of clients can hold open.
const maxConnections = 64

func (a *Agent) listen(o Options) error {
	if o.Addr == NoServer {
		return nil
	}
	setString(&o.Addr, DefaultAddr)
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return fmt.Errorf("tidemark: %w", err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); (!ok || !tcp.IP.IsLoopback()) && o.Token == "" {
		_ = listener.Close()
		return fmt.Errorf("tidemark: %s is not loopback: set Options.Token", o.Addr)
	}
	a.listener = listener
	a.server = &http.Server{
		Handler: a.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		WriteTimeout:   time.Duration(a.limits.MaxSeconds*float64(time.Second)) + time.Minute, // for the slowest capture
		MaxHeaderBytes: 16 << 10, ErrorLog: a.log,
	}
	a.running.Add(1)
	go func() {
		defer a.running.Done()
		if err := a.server.Serve(newLimitedListener(listener, maxConnections)); err != http.ErrServerClosed {
			a.log.Printf("tidemark: server: %v", err)
		}
	}()
	return nil
}

// Addr is the address that the agent listens on, "" with NoServer.
func (a *Agent) Addr() string {
	if a.listener == nil {
		return ""
	}
	return a.listener.Addr().String()
}

// SetLockProfiling switches lock profiling for a window (0: LockOptions.Window) that ends by itself.
func (a *Agent) SetLockProfiling(level LockLevel, window time.Duration) (LockState, error) {
	return a.locks.to(level, window, "api")
}

// LockState tells the state of lock profiling and what the last window saw.
func (a *Agent) LockState() LockState { return a.locks.now() }

// LockProfile returns the gzipped "mutex" or "block" profile of the open window so far, else of the last one.
func (a *Agent) LockProfile(name string) ([]byte, error) {
	if name != "mutex" && name != "block" {
		return nil, fmt.Errorf("tidemark: no lock profile %q: mutex or block", name)
	}
	return a.locks.difference(name)
}

// Close ends the server, lock profiling (rates restored) and the watch for tidemarks, and waits for them.
func (a *Agent) Close() error {
	a.closing.Do(func() {
		close(a.done)
		if a.server != nil {
			a.closeErr = a.server.Close()
		}
		a.running.Wait()
		a.locks.close()
		started.Store(false)
	})
	return a.closeErr
}

func setString(v *string, def string) {
	if *v == "" {
		*v = def
	}
}

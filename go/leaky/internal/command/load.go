package command

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/signal"
	"syscall"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/load"
)

// load drives a subject that another process serves: it asks /control which subject that is
// and sends what the subject would have sent to itself.
func (p Program) load(args []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	rate := flags.Float64("rate", -1, "requests per second, instead of what the subject's /control says at the start")
	duration := flags.Duration("duration", 10*time.Minute, "end after this time; 0 = never")
	base, err := p.parse(flags, args, "the URL that a subject printed")
	if err != nil {
		return err
	}
	target, err := url.Parse(base)
	if err != nil || target.Scheme != "http" || !loopback(target.Hostname()) {
		return fmt.Errorf("%w: %q is no http:// URL of this machine's loopback", errUsage, base)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if *duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, *duration)
		defer cancel()
	}
	base = "http://" + target.Host
	st, err := fetchState(ctx, base)
	if err != nil {
		return err
	}
	s, err := p.find(st.Subject)
	if err != nil {
		return err
	}
	if *rate >= 0 {
		st.RatePerSecond = *rate
	}
	plan := s.Plan(func() float64 { return st.RatePerSecond }, st.SizeBytes, time.Second, st.Seed)
	var stats load.Stats
	load.Run(ctx, load.Client(), base, plan, &stats)
	fmt.Fprintf(p.Stdout, "sent %d, failed %d, shed %d\n", stats.Sent.Load(), stats.Failed.Load(), stats.Shed.Load())
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func fetchState(ctx context.Context, base string) (state, error) {
	var st state
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/control", nil)
	if err != nil {
		return st, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return st, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return st, fmt.Errorf("%s/control answered %s: is it a subject?", base, res.Status)
	}
	return st, json.NewDecoder(res.Body).Decode(&st)
}

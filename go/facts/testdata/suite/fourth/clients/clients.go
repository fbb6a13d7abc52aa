// Package clients has shapes of clients and spans, written without a look at the analyzers.
package clients

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"
	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
)

// leakDialReady waits until the connection is ready.
func leakDialReady(ctx context.Context, addr string) (*grpc.ClientConn, error) {
	cc, err := grpc.NewClient(addr) // want resource/client
	if err != nil {
		return nil, err
	}
	cc.Connect()
	for st := cc.GetState(); st != connectivity.Ready; st = cc.GetState() {
		if !cc.WaitForStateChange(ctx, st) {
			return nil, ctx.Err()
		}
	}
	return cc, nil
}

// leakRateHandler counts requests of a tenant in its own Redis.
func leakRateHandler(lookup func(tenant string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rdb := redis.NewClient(&redis.Options{Addr: lookup(r.Header.Get("X-Tenant"))}) // want resource/client
		n, err := rdb.Incr(r.Context(), "hits").Result()
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, n)
	}
}

// leakWaitForKey waits until someone publishes that key is ready.
func leakWaitForKey(ctx context.Context, rdb *redis.Client, key string) error {
	sub := rdb.Subscribe(ctx, "ready:"+key) // want resource/client
	ch := sub.Messages()
	for {
		select {
		case m := <-ch:
			if m != nil && m.Payload == "yes" {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leakLag reads the last message of a topic to see how old it is.
func leakLag(ctx context.Context, brokers []string, topic string) (time.Duration, error) {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: topic}) // want resource/client
	if err := r.SetOffset(kafka.LastOffset); err != nil {
		return 0, err
	}
	m, err := r.ReadMessage(ctx)
	if err != nil {
		return 0, err
	}
	return time.Duration(len(m.Value)), nil
}

// leakPublishAll writes all and flushes by closing, but not at an error.
func leakPublishAll(ctx context.Context, brokers []string, topic string, vals [][]byte) error {
	w := kafka.NewWriter(kafka.WriterConfig{Topic: topic}) // want resource/client
	for i, v := range vals {
		if err := w.Produce(ctx, kafka.Message{Key: []byte(fmt.Sprint(i)), Value: v}); err != nil {
			return fmt.Errorf("value %d: %w", i, err)
		}
	}
	return w.Close()
}

var tracer = otel.Tracer("fleet/clients")

// leakResolve resolves a name within a span.
func leakResolve(ctx context.Context, name string) ([]string, error) {
	ctx, span := tracer.Start(ctx, "resolve") // want resource/span
	addrs, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		span.RecordError(err)
		span.SetStatus(codes.Error, "lookup")
		return nil, err
	}
	span.AddEvent("resolved")
	span.End()
	return addrs, nil
}

// leakFetchVia asks through a proxy that differs by request.
func leakFetchVia(ctx context.Context, url string, proxyConn func(context.Context, string, string) (net.Conn, error)) (int, error) {
	tr := &http.Transport{DialContext: proxyConn, MaxIdleConns: 4} // want resource/transport-per-call
	cl := &http.Client{Transport: tr, Timeout: 5 * time.Second}
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := cl.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

func insecureClient(server string) *http.Client {
	tr := http.DefaultTransport.(*http.Transport).Clone()
	tr.TLSClientConfig.ServerName = server
	return &http.Client{Transport: tr}
}

// leakScrape is called every few seconds for every target.
func leakScrape(target, server string) (string, error) {
	resp, err := insecureClient(server).Get(target) // want resource/transport-per-call
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	return resp.Header.Get("Content-Type"), nil
}

// cleanFollow forwards messages until ctx ends.
func cleanFollow(ctx context.Context, rdb *redis.Client, out chan<- string, topics ...string) error {
	sub := rdb.Subscribe(ctx, topics...)
	defer sub.Close()
	for {
		m, err := sub.ReceiveMessage(ctx)
		if err != nil {
			return err
		}
		select {
		case out <- m.Payload:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// cleanLoad ends its span in a deferred closure.
func cleanLoad(ctx context.Context, key string) (v string, err error) {
	ctx, span := tracer.Start(ctx, "load")
	defer func() {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
	}()
	if _, ok := ctx.Deadline(); !ok {
		return "", errors.New("no deadline for " + key)
	}
	return key, nil
}

type finish func(err error)

func begin(ctx context.Context, name string) (context.Context, finish) {
	ctx, span := tracer.Start(ctx, name)
	return ctx, func(err error) {
		if err != nil {
			span.RecordError(err)
		}
		span.End()
	}
}

// cleanStore runs in a span that a helper began.
func cleanStore(ctx context.Context, put func(context.Context) error) error {
	ctx, done := begin(ctx, "store")
	err := put(ctx)
	done(err)
	return err
}

var sharedClient = sync.OnceValue(func() *http.Client {
	tr := http.DefaultTransport.(*http.Transport).Clone()
	tr.MaxIdleConnsPerHost = 32
	return &http.Client{Transport: tr, Timeout: 10 * time.Second}
})

// cleanStatus uses the shared client.
func cleanStatus(url string) (int, error) {
	resp, err := sharedClient().Get(url)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	return resp.StatusCode, nil
}

// cleanProbeOnce has a transport of its own without idle connections.
func cleanProbeOnce(url string) error {
	tr := &http.Transport{DisableKeepAlives: true}
	defer tr.CloseIdleConnections()
	resp, err := (&http.Client{Transport: tr}).Get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// cleanQuick makes a client per call, but over the default transport.
func cleanQuick(url string) error {
	c := http.Client{Timeout: time.Second}
	resp, err := c.Get(url)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

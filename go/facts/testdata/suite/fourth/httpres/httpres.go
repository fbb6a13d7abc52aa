// Package httpres has shapes of responses, written without a look at the analyzers.
package httpres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

var errNotReady = errors.New("not ready")

// leakFetchManifest downloads the manifest of one image tag.
func leakFetchManifest(ctx context.Context, hc *http.Client, registry, name, tag string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, registry+"/v2/"+name+"/manifests/"+tag, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/vnd.oci.image.manifest.v1+json")
	resp, err := hc.Do(req) // want resource/http-body
	if err != nil {
		return nil, fmt.Errorf("fetching manifest: %w", err)
	}
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return nil, errors.New("registry wants a token")
	case resp.StatusCode >= 500:
		return nil, errNotReady
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// leakPushWithRetry sends a batch of samples and repeats at recoverable statuses.
func leakPushWithRetry(hc *http.Client, url string, batch []byte, attempts int) error {
	var last error
	for i := 0; i < attempts; i++ {
		resp, err := hc.Post(url, "application/x-protobuf", bytes.NewReader(batch)) // want resource/http-body
		if err != nil {
			last = err
			time.Sleep(time.Duration(i) * 100 * time.Millisecond)
			continue
		}
		if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode/100 == 5 {
			last = fmt.Errorf("server returned %s", resp.Status)
			time.Sleep(time.Duration(i) * 100 * time.Millisecond)
			continue
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		return nil
	}
	return last
}

// leakHealthy probes the admin endpoint of a sidecar.
func leakHealthy(hc *http.Client, addr string) bool {
	resp, err := hc.Get("http://" + addr + "/ready") // want resource/http-body
	return err == nil && resp.StatusCode == http.StatusOK
}

type catalog struct {
	Services []string `json:"services"`
}

func decodeCatalog(resp *http.Response, into *catalog) error {
	if ct := resp.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		return fmt.Errorf("unexpected type %q", ct)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// leakListServices asks the catalog endpoint of the agent.
func leakListServices(ctx context.Context, base string) ([]string, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", base+"/v1/catalog/services", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req) // want resource/http-body
	if err != nil {
		return nil, err
	}
	var c catalog
	if err := decodeCatalog(resp, &c); err != nil {
		return nil, err
	}
	return c.Services, nil
}

// leakFollowOnce follows one redirect by hand, to keep the authorization header.
func leakFollowOnce(hc *http.Client, req *http.Request) ([]byte, error) {
	resp, err := hc.Do(req) // want resource/http-body
	if err != nil {
		return nil, err
	}
	if loc := resp.Header.Get("Location"); loc != "" {
		next, err := http.NewRequestWithContext(req.Context(), req.Method, loc, nil)
		if err != nil {
			resp.Body.Close()
			return nil, err
		}
		next.Header = req.Header.Clone()
		resp, err = hc.Do(next)
		if err != nil {
			return nil, err
		}
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// APIClient is a thin client of a control plane.
type APIClient struct {
	base string
	hc   *http.Client
}

// NewAPIClient gives a client of base.
func NewAPIClient(base string) *APIClient {
	return &APIClient{base: base, hc: &http.Client{Timeout: 10 * time.Second}}
}

func (c *APIClient) do(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Api-Version", "3")
	return c.hc.Do(req)
}

// leakDeleteToken revokes a token.
func (c *APIClient) leakDeleteToken(ctx context.Context, id string) error {
	resp, err := c.do(ctx, http.MethodDelete, "/auth/token/"+id, nil) // want resource/http-body
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("delete token: %s", resp.Status)
	}
	return nil
}

// leakHedged asks two replicas and takes the first answer; the slower one is left behind.
func leakHedged(ctx context.Context, hc *http.Client, a, b string) ([]byte, error) {
	ch := make(chan *http.Response, 2)
	ask := func(u string) {
		req, err := http.NewRequestWithContext(ctx, "GET", u, nil)
		if err != nil {
			ch <- nil
			return
		}
		resp, err := hc.Do(req) // want resource/http-body
		if err != nil {
			ch <- nil
			return
		}
		ch <- resp
	}
	go ask(a)
	go ask(b)
	resp := <-ch
	if resp == nil {
		return nil, errNotReady
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// leakReadHead returns the first KiB of a remote log.
func leakReadHead(url string) (head string, err error) {
	var resp *http.Response
	resp, err = http.Get(url) // want resource/http-body
	if err != nil {
		return
	}
	lr := io.LimitReader(resp.Body, 1024)
	b, err := io.ReadAll(lr)
	if err != nil {
		return "", err
	}
	return string(b), nil
}

// cleanFetchDigest reads the digest header and drains the rest.
func cleanFetchDigest(hc *http.Client, url string) (string, error) {
	resp, err := hc.Head(url)
	if err != nil {
		return "", err
	}
	defer func() {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
		_ = resp.Body.Close()
	}()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("head: %s", resp.Status)
	}
	return resp.Header.Get("Docker-Content-Digest"), nil
}

func drain(r *http.Response) {
	if r == nil || r.Body == nil {
		return
	}
	_, _ = io.Copy(io.Discard, r.Body)
	r.Body.Close()
}

// cleanPostRetry repeats and drains in between.
func cleanPostRetry(hc *http.Client, url string, body []byte) (*http.Response, error) {
	for i := 0; ; i++ {
		resp, err := hc.Post(url, "application/json", bytes.NewReader(body))
		if err == nil && resp.StatusCode < 500 {
			return resp, nil
		}
		if err == nil {
			drain(resp)
		}
		if i == 4 {
			return nil, errNotReady
		}
		time.Sleep(50 * time.Millisecond << i)
	}
}

type bodyReader struct {
	io.Reader
	resp *http.Response
}

func (b *bodyReader) Close() error { return b.resp.Body.Close() }

// cleanOpenBlob hands the body to the caller.
func cleanOpenBlob(ctx context.Context, hc *http.Client, url string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := hc.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("blob: %s", resp.Status)
	}
	return &bodyReader{Reader: io.TeeReader(resp.Body, io.Discard), resp: resp}, nil
}

// cleanExchange closes only where the response is not handed on.
func cleanExchange(hc *http.Client, req *http.Request) (_ *http.Response, err error) {
	resp, err := hc.Do(req)
	if err != nil {
		return nil, err
	}
	ok := false
	defer func() {
		if !ok {
			resp.Body.Close()
		}
	}()
	if resp.StatusCode == http.StatusForbidden {
		return nil, errors.New("forbidden")
	}
	if resp.ContentLength > 1<<30 {
		return nil, errors.New("too big")
	}
	ok = true
	return resp, nil
}

// cleanReadConfig closes if the named result says so.
func cleanReadConfig(url string) (rc io.ReadCloser, err error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = resp.Body.Close()
		}
	}()
	if resp.StatusCode != 200 {
		err = fmt.Errorf("status %d", resp.StatusCode)
		return nil, err
	}
	return resp.Body, nil
}

// cleanSweep closes each in a closure of its own.
func cleanSweep(hc *http.Client, urls []string) map[string]int {
	out := make(map[string]int, len(urls))
	for _, u := range urls {
		func() {
			resp, err := hc.Get(u)
			if err != nil {
				out[u] = -1
				return
			}
			defer resp.Body.Close()
			n, _ := io.Copy(io.Discard, resp.Body)
			out[u] = int(n)
		}()
	}
	return out
}

// authTripper passes the response through.
type authTripper struct {
	next  http.RoundTripper
	token func() string
}

// RoundTrip repeats once with a fresh token.
func (a *authTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := a.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	resp.Body.Close()
	again := r.Clone(r.Context())
	again.Header.Set("Authorization", "Bearer "+a.token())
	return a.next.RoundTrip(again)
}

// cleanWithAuth wraps the transport.
func cleanWithAuth(rt http.RoundTripper, token func() string) http.RoundTripper {
	return &authTripper{next: rt, token: token}
}

// Tail is a log stream.
type Tail struct {
	mu   sync.Mutex
	resp *http.Response
	dec  *json.Decoder
}

// cleanOpenTail starts the stream.
func cleanOpenTail(hc *http.Client, url string) (*Tail, error) {
	t := &Tail{}
	var err error
	t.resp, err = hc.Get(url)
	if err != nil {
		return nil, err
	}
	t.dec = json.NewDecoder(t.resp.Body)
	return t, nil
}

// Next gives the next entry.
func (t *Tail) Next() (m map[string]any, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	err = t.dec.Decode(&m)
	return m, err
}

// Close ends the stream.
func (t *Tail) Close() error {
	if t.resp != nil {
		return t.resp.Body.Close()
	}
	return nil
}

// cleanMirror copies in the background.
func cleanMirror(hc *http.Client, url string, w io.WriteCloser) error {
	resp, err := hc.Get(url)
	if err != nil {
		return err
	}
	go func() {
		defer w.Close()
		defer resp.Body.Close()
		_, _ = io.Copy(w, resp.Body)
	}()
	return nil
}

// cleanProxy copies one answer into w.
func cleanProxy(w http.ResponseWriter, r *http.Request, upstream string) {
	out := r.Clone(r.Context())
	out.RequestURI = ""
	out.URL.Host = upstream
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	body := resp.Body
	defer body.Close()
	for k, vv := range resp.Header {
		for _, v := range vv {
			w.Header().Add(k, v)
		}
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, body)
}

// cleanPoll closes on each branch by hand.
func cleanPoll(hc *http.Client, url string) (done bool, err error) {
	resp, err := hc.Get(url)
	if err != nil {
		return false, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		_ = resp.Body.Close()
		return true, nil
	case http.StatusAccepted:
		_ = resp.Body.Close()
		return false, nil
	default:
		b, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		return false, errors.New(string(b))
	}
}

// cleanFirst asks all replicas and closes the late ones.
func cleanFirst(ctx context.Context, hc *http.Client, urls []string) (*http.Response, error) {
	ch := make(chan *http.Response, len(urls))
	for _, u := range urls {
		go func() {
			req, err := http.NewRequestWithContext(ctx, "GET", u, nil)
			if err != nil {
				ch <- nil
				return
			}
			resp, err := hc.Do(req)
			if err != nil {
				ch <- nil
				return
			}
			ch <- resp
		}()
	}
	for i := range urls {
		if resp := <-ch; resp != nil {
			rest := len(urls) - i - 1
			go func() {
				for range rest {
					if late := <-ch; late != nil {
						late.Body.Close()
					}
				}
			}()
			return resp, nil
		}
	}
	return nil, errNotReady
}

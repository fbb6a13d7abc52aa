// Package transports makes HTTP clients.
package transports

import (
	"crypto/tls"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

func leakTransportInHandler(w http.ResponseWriter, r *http.Request) {
	tr := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}} // want resource/transport-per-call
	client := &http.Client{Transport: tr, Timeout: time.Second}
	resp, err := client.Get("https://backend" + r.URL.Path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
}

var backend = &http.Client{Timeout: time.Second, Transport: &http.Transport{MaxIdleConns: 10}}

func cleanSharedInHandler(w http.ResponseWriter, r *http.Request) {
	resp, err := backend.Get("https://backend" + r.URL.Path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
}

func newClient(insecure bool) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{InsecureSkipVerify: insecure}
	return &http.Client{Transport: t}
}

// A client a call through a helper.
func leakClientFromHelper(u string) (int, error) {
	c := newClient(true) // want resource/transport-per-call
	resp, err := c.Head(u)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

func cleanClientFromHelper(u string) (int, error) {
	c := newClient(true)
	defer c.CloseIdleConnections()
	resp, err := c.Head(u)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// The default transport is shared, a client costs nothing.
func cleanPlainClient(u string) (int, error) {
	c := &http.Client{Timeout: time.Second}
	resp, err := c.Head(u)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

func leakProxyPerRequest(w http.ResponseWriter, r *http.Request, target *url.URL) {
	p := httputil.NewSingleHostReverseProxy(target)
	p.Transport = &http.Transport{ResponseHeaderTimeout: time.Second} // want resource/transport-per-call
	p.ServeHTTP(w, r)
}

func cleanProxy(target *url.URL) http.Handler {
	p := httputil.NewSingleHostReverseProxy(target)
	p.Transport = &http.Transport{ResponseHeaderTimeout: time.Second}
	return p
}

type api struct{ http *http.Client }

func cleanAPI(proxy *url.URL) *api {
	return &api{http: &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}}}
}

func leakInLoop(hosts []string) (up int) {
	for _, h := range hosts {
		c := http.Client{Transport: &http.Transport{DisableCompression: true}} // want resource/transport-per-call
		resp, err := c.Get("http://" + h + "/ping")
		if err != nil {
			continue
		}
		resp.Body.Close()
		up++
	}
	return up
}

func cleanBeforeLoop(hosts []string) (up int) {
	tr := &http.Transport{DisableCompression: true}
	defer tr.CloseIdleConnections()
	c := http.Client{Transport: tr}
	for _, h := range hosts {
		if resp, err := c.Get("http://" + h + "/ping"); err == nil {
			resp.Body.Close()
			up++
		}
	}
	return up
}

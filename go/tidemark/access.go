package tidemark

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
)

// minTokenLength keeps tokens from being guessed one by one.
const minTokenLength = 16

// guard lets a request pass when it comes from this machine, or brings the token. What changes state needs POST and
// the token always, so that no web page in a browser on this machine can do it.
type guard struct {
	token        [sha256.Size]byte
	hasToken     bool
	requireToken bool
}

func newGuard(token string, require bool) guard {
	return guard{token: sha256.Sum256([]byte(token)), hasToken: token != "", requireToken: require}
}

func (g guard) authorized(r *http.Request) bool {
	given, ok := bearer(r.Header.Get("Authorization"))
	// Hashes have one length, so the time of the comparison tells nothing about the token's.
	sum := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1 && ok && g.hasToken
}

func bearer(header string) (string, bool) {
	const scheme = "bearer "
	if len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return "", false
	}
	return header[len(scheme):], true
}

func (g guard) read(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "use GET")
			return
		}
		if (g.requireToken || !fromThisMachine(r)) && !g.authorized(r) {
			g.refuse(w)
			return
		}
		next(w, r)
	})
}

func (g guard) change(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", "POST")
			fail(w, http.StatusMethodNotAllowed, "this changes state: use POST")
			return
		}
		if !g.authorized(r) {
			g.refuse(w)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 4096)
		next(w, r)
	})
}

func (g guard) refuse(w http.ResponseWriter) {
	if !g.hasToken {
		fail(w, http.StatusForbidden, "only loopback may read without a token, and nothing may change without one: set Options.Token")
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="tidemark"`)
	fail(w, http.StatusUnauthorized, "send the header Authorization: Bearer <token>")
}

// fromThisMachine says whether both ends are loopback and nothing hints at a proxy or a web page of elsewhere: a
// forwarded request, a foreign Host (DNS rebinding), a browser's cross-site request.
func fromThisMachine(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() {
		return false
	}
	remote, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || !isLoopback(remote) {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if !strings.EqualFold(host, "localhost") && !isLoopback(strings.Trim(host, "[]")) {
		return false
	}
	for _, header := range [...]string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if _, ok := r.Header[header]; ok {
			return false
		}
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "none" || site == "same-origin"
}

func isLoopback(ip string) bool {
	parsed := net.ParseIP(ip)
	return parsed != nil && parsed.IsLoopback()
}

func fail(w http.ResponseWriter, status int, message string) {
	h := w.Header()
	h.Del("Content-Disposition")
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Go-Pprof", "1") // tells `go tool pprof` to show the message
	w.WriteHeader(status)
	_, _ = w.Write([]byte(message + "\n"))
}

package tidemark

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"testing"
	"time"
)

const testToken = "a-token-of-this-test"

// Helpers that play a process of their own are started by tests with this variable.
const playVariable = "TIDEMARK_TEST_PLAY"

func TestMain(m *testing.M) {
	if os.Getenv(playVariable) == "growing" {
		playGrowing()
		return
	}
	os.Exit(m.Run())
}

// startTest starts an agent on a free loopback port.
func startTest(t testing.TB, change func(*Options)) *Agent {
	t.Helper()
	o := Options{Addr: "127.0.0.1:0", Token: testToken, Log: log.New(io.Discard, "", 0)}
	if change != nil {
		change(&o)
	}
	a, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// get asks the agent's own server and returns status, header and body.
func request(t testing.TB, a *Agent, method, path string, header map[string]string) (int, http.Header, []byte) {
	t.Helper()
	status, h, body, err := try(a, method, path, header)
	if err != nil {
		t.Fatal(err)
	}
	return status, h, body
}

func try(a *Agent, method, path string, header map[string]string) (int, http.Header, []byte, error) {
	r, err := http.NewRequest(method, "http://"+a.Addr()+path, nil)
	if err != nil {
		return 0, nil, nil, err
	}
	for k, v := range header {
		if k == "Host" {
			r.Host = v
		}
		r.Header.Set(k, v)
	}
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, body, err
}

func get(t testing.TB, a *Agent, path string) []byte {
	t.Helper()
	status, _, body := request(t, a, "GET", path, nil)
	if status != 200 {
		t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return body
}

var withToken = map[string]string{"Authorization": "Bearer " + testToken}

func decode(t testing.TB, b []byte, into interface{}) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
}

// eventually waits for a condition of another goroutine, at most 10 s.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatalf("never came: %s", what)
}

// symbolic is a test's reading of a profile: function of the leaf-most user frame → values.
func symbolic(t testing.TB, zipped []byte, function string) []int64 {
	t.Helper()
	p, err := parseProfile(zipped, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	names := map[uint64]string{}
	for _, f := range p.functions {
		id, name, err := firstTwo(f, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		names[id] = p.strings[name]
	}
	holds := map[uint64]bool{}
	for _, l := range p.locations {
		id, _, _ := firstTwo(l, 1, 1)
		_ = eachField(l, func(f field) error {
			if f.number == 4 {
				fn, _, _ := firstTwo(f.data, 1, 1)
				holds[id] = holds[id] || names[fn] == function
			}
			return nil
		})
	}
	sum := make([]int64, p.columns())
	for _, s := range p.samples {
		for _, id := range s.locations {
			if holds[id] {
				add(sum, s.values, 1)
				break
			}
		}
	}
	return sum
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func describe(v interface{}) string { return fmt.Sprintf("%+v", v) }

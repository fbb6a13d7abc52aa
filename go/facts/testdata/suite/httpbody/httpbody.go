// Package httpbody has response bodies that are closed, and that are not.
package httpbody

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

func leakNever(url string) (int, error) {
	resp, err := http.Get(url) // want resource/http-body
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}

func leakEarlyReturn(url string) ([]byte, error) {
	resp, err := http.Get(url) // want resource/http-body
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", resp.Status)
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

func leakRetry(client *http.Client, req *http.Request) (*http.Response, error) {
	var resp *http.Response
	var err error
	for range 3 {
		resp, err = client.Do(req) // want resource/http-body
		if err == nil && resp.StatusCode < 500 {
			return resp, nil
		}
		time.Sleep(time.Second)
	}
	return resp, err
}

func leakDropped(url string) error {
	_, err := http.Head(url) // want resource/http-body
	return err
}

func leakDecodeError(client *http.Client, url string, into any) error {
	resp, err := client.Get(url) // want resource/http-body
	if err != nil {
		return err
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return err
	}
	return resp.Body.Close()
}

func readStatus(resp *http.Response) (string, error) {
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func leakHelperReadsOnly(url string) (string, error) {
	resp, err := http.Get(url) // want resource/http-body
	if err != nil {
		return "", err
	}
	return readStatus(resp)
}

func fetch(ctx context.Context, url string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}

func leakFromHelper(ctx context.Context, url string) error {
	resp, err := fetch(ctx, url) // want resource/http-body
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return errors.New(resp.Status)
	}
	return nil
}

func leakOneCase(url string) error {
	resp, err := http.Get(url) // want resource/http-body
	if err != nil {
		return err
	}
	switch resp.StatusCode {
	case 200:
		return resp.Body.Close()
	case 404:
		return errors.New("not found")
	default:
		resp.Body.Close()
		return errors.New(resp.Status)
	}
}

func cleanDefer(url string) ([]byte, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %s", resp.Status)
	}
	return io.ReadAll(resp.Body)
}

func cleanDeferClosure(url string) (err error) {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := resp.Body.Close(); cerr != nil && err == nil {
			err = cerr
		}
	}()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

func cleanReturned(url string) (io.ReadCloser, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != 200 {
		resp.Body.Close()
		return nil, errors.New(resp.Status)
	}
	return resp.Body, nil
}

func drain(resp *http.Response) {
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

func cleanHelperCloses(url string) (int, error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, err
	}
	drain(resp)
	return resp.StatusCode, nil
}

func closeBody(c io.Closer) { _ = c.Close() }

func cleanCloserHelper(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer closeBody(resp.Body)
	return nil
}

func cleanRetry(client *http.Client, req *http.Request) (*http.Response, error) {
	var resp *http.Response
	var err error
	for range 3 {
		resp, err = client.Do(req)
		if err != nil {
			continue
		}
		if resp.StatusCode < 500 {
			return resp, nil
		}
		resp.Body.Close()
	}
	return nil, errors.New("gave up")
}

func cleanNilCheck(url string) {
	resp, _ := http.Get(url)
	if resp != nil {
		defer resp.Body.Close()
	}
}

type page struct{ resp *http.Response }

func (p *page) Close() error { return p.resp.Body.Close() }

func cleanOwner(url string) (*page, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	return &page{resp: resp}, nil
}

func cleanSentOn(url string, out chan<- *http.Response) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	out <- resp
	return nil
}

func cleanNamedResult(url string) (resp *http.Response, err error) {
	resp, err = http.Get(url)
	if err != nil {
		return
	}
	return
}

func cleanFlag(url string, keep bool) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	if keep {
		defer resp.Body.Close()
	}
	if !keep {
		resp.Body.Close()
	}
	return nil
}

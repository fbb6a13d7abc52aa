package subjects

import (
	"net"
	"net/http"
	"time"
)

// listen starts a server on loopback that stands for another service, and returns its URL.
func listen(handler http.HandlerFunc) (url string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	return "http://" + listener.Addr().String(), func() { server.Close() }, nil
}

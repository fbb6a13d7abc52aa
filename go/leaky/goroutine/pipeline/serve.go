package pipeline

import "net"

func serve(listener net.Listener) {
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	select {} // victim: select-forever
}

func leakServe() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go serve(listener)
	listener.Close()
}

func serveUntil(listener net.Listener, stop <-chan struct{}) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	<-stop
	listener.Close()
	<-ended
}

func fixedServe() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	stop := make(chan struct{})
	close(stop)
	serveUntil(listener, stop)
}

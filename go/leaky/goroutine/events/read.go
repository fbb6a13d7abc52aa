package events

import (
	"bufio"
	"io"
	"net"
	"sync"
	"time"
)

type link struct {
	mu   sync.Mutex
	conn net.Conn
	sent int
}

func (l *link) ask(question string) (string, error) {
	l.mu.Lock() // acquired: held-during-io
	defer l.mu.Unlock()
	io.WriteString(l.conn, question+"\n")
	return bufio.NewReader(l.conn).ReadString('\n') // holder: held-during-io
}

func (l *link) stats() int {
	l.mu.Lock() // victim: held-during-io
	defer l.mu.Unlock()
	return l.sent
}

// silent accepts connections and never says a word.
func silent() (net.Listener, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		var kept []net.Conn
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			kept = append(kept, conn)
		}
	}()
	return listener, nil
}

func leakRead() {
	listener, err := silent()
	if err != nil {
		panic(err)
	}
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	l := &link{conn: conn}
	go l.ask("ready?")
	time.Sleep(100 * time.Millisecond)
	go l.stats()
}

type boundedLink struct {
	mu   sync.Mutex
	conn net.Conn
	sent int
}

func (l *boundedLink) ask(question string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conn.SetDeadline(time.Now().Add(20 * time.Millisecond))
	io.WriteString(l.conn, question+"\n")
	return bufio.NewReader(l.conn).ReadString('\n')
}

func (l *boundedLink) stats() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sent
}

func fixedRead() {
	listener, err := silent()
	if err != nil {
		panic(err)
	}
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	l := &boundedLink{conn: conn}
	l.ask("ready?")
	l.stats()
}

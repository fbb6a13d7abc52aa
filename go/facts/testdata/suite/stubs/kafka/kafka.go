// Package kafka has the outline of readers and writers.
package kafka

import "context"

type Message struct{ Key, Value []byte }

type ReaderConfig struct {
	Brokers []string
	Topic   string
}

type Reader struct {
	config ReaderConfig
	done   chan struct{}
}

func NewReader(config ReaderConfig) *Reader {
	return &Reader{config: config, done: make(chan struct{})}
}

func (r *Reader) ReadMessage(ctx context.Context) (Message, error) {
	<-r.done
	return Message{}, ctx.Err()
}

func (r *Reader) Close() error { close(r.done); return nil }

type WriterConfig struct{ Topic string }

type Writer struct {
	Topic string

	config WriterConfig
	done   chan struct{}
}

func NewWriter(config WriterConfig) *Writer {
	return &Writer{config: config, done: make(chan struct{})}
}

func (w *Writer) WriteMessages(ctx context.Context, messages ...Message) error {
	_ = messages
	return ctx.Err()
}

func (w *Writer) Close() error { close(w.done); return nil }

type Conn struct{ done chan struct{} }

func DialLeader(ctx context.Context, network, address, topic string, partition int) (*Conn, error) {
	return &Conn{done: make(chan struct{})}, ctx.Err()
}

func (c *Conn) WriteMessages(messages ...Message) (int, error) { return len(messages), nil }

func (c *Conn) Close() error { close(c.done); return nil }

const LastOffset int64 = -1

// SetOffset hands the reader to what fetches for it, as the real one does: what is called on it keeps it.
func (r *Reader) SetOffset(offset int64) error {
	fetchers = append(fetchers, func() int64 { return offset + int64(len(r.config.Topic)) })
	return nil
}

var fetchers []func() int64

// Produce hands the writer to a batch that is sent later.
func (w *Writer) Produce(ctx context.Context, messages ...Message) error {
	batches = append(batches, func() { _ = w.WriteMessages(ctx, messages...) })
	return ctx.Err()
}

var batches []func()

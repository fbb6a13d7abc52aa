// Package brokers has clients of Redis and Kafka.
package brokers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/IBM/sarama"
	"github.com/redis/go-redis/v9"
	"github.com/segmentio/kafka-go"
)

// A client a request, and nothing closes it.
func leakClientPerLookup(ctx context.Context, addr, key string) (string, error) {
	rdb := redis.NewClient(&redis.Options{Addr: addr}) // want resource/client
	return rdb.Get(ctx, key).Result()
}

func cleanClientPerLookup(ctx context.Context, addr, key string) (string, error) {
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	defer rdb.Close()
	return rdb.Get(ctx, key).Result()
}

type cache struct {
	rdb    *redis.Client
	prefix string
}

// The client is dropped when the ping fails.
func leakPingFails(ctx context.Context, addr string) (*cache, error) {
	rdb := redis.NewClient(&redis.Options{Addr: addr}) // want resource/client
	if err := rdb.Ping(ctx).Err(); err != nil {
		return nil, fmt.Errorf("ping %s: %w", addr, err)
	}
	return &cache{rdb: rdb}, nil
}

func cleanPingFails(ctx context.Context, addr string) (*cache, error) {
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close()
		return nil, fmt.Errorf("ping %s: %w", addr, err)
	}
	return &cache{rdb: rdb, prefix: "v1:"}, nil
}

func (c *cache) Close() error { return c.rdb.Close() }

// The subscription outlives the loop that reads it.
func leakSubscription(ctx context.Context, rdb *redis.Client, handle func(string) error) error {
	sub := rdb.Subscribe(ctx, "events") // want resource/client
	for {
		m, err := sub.ReceiveMessage(ctx)
		if err != nil {
			return err
		}
		if err := handle(m.Payload); err != nil {
			return err
		}
	}
}

func cleanSubscription(ctx context.Context, rdb *redis.Client, handle func(string) error) error {
	sub := rdb.Subscribe(ctx, "events")
	defer func() {
		if err := sub.Close(); err != nil {
			slog.Warn("close", "err", err)
		}
	}()
	for m := range sub.Channel() {
		if err := handle(m.Payload); err != nil {
			return err
		}
	}
	return nil
}

func leakSubscriptionChannel(ctx context.Context, rdb *redis.Client, name string) (string, error) {
	ps := rdb.Subscribe(ctx, name) // want resource/client
	select {
	case m := <-ps.Channel():
		ps.Close()
		return m.Payload, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func cleanSubscriptionGoroutine(ctx context.Context, rdb *redis.Client, out chan<- string) {
	ps := rdb.Subscribe(ctx, "invalidate")
	go func() {
		defer ps.Close()
		for {
			select {
			case m := <-ps.Channel():
				select {
				case out <- m.Payload:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
}

var (
	sharedOnce sync.Once
	shared     *redis.Client
)

func cleanShared(addr string) *redis.Client {
	sharedOnce.Do(func() { shared = redis.NewClient(&redis.Options{Addr: addr}) })
	return shared
}

func leakReader(ctx context.Context, brokers []string, n int) ([]kafka.Message, error) {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: "orders"}) // want resource/client
	var list []kafka.Message
	for len(list) < n {
		m, err := r.ReadMessage(ctx)
		if err != nil {
			return list, err
		}
		list = append(list, m)
	}
	return list, r.Close()
}

func cleanReader(ctx context.Context, brokers []string, n int) (list []kafka.Message, err error) {
	r := kafka.NewReader(kafka.ReaderConfig{Brokers: brokers, Topic: "orders"})
	defer func() { err = errors.Join(err, r.Close()) }()
	for len(list) < n {
		m, err := r.ReadMessage(ctx)
		if err != nil {
			return list, err
		}
		list = append(list, m)
	}
	return list, nil
}

func leakWriterPerMessage(ctx context.Context, topic string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w := kafka.NewWriter(kafka.WriterConfig{Topic: topic}) // want resource/client
	return w.WriteMessages(ctx, kafka.Message{Value: b})
}

type publisher struct{ w *kafka.Writer }

func cleanWriterKept(topic string) *publisher {
	return &publisher{w: kafka.NewWriter(kafka.WriterConfig{Topic: topic})}
}

func (p *publisher) Close() error { return p.w.Close() }

func leakLeader(ctx context.Context, addr string, value []byte) error {
	conn, err := kafka.DialLeader(ctx, "tcp", addr, "audit", 0) // want resource/net-conn
	if err != nil {
		return err
	}
	if _, err := conn.WriteMessages(kafka.Message{Value: value}); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return conn.Close()
}

func cleanLeader(ctx context.Context, addr string, value []byte) error {
	conn, err := kafka.DialLeader(ctx, "tcp", addr, "audit", 0)
	if err != nil {
		return err
	}
	if _, err := conn.WriteMessages(kafka.Message{Value: value}); err != nil {
		return errors.Join(err, conn.Close())
	}
	return conn.Close()
}

func leakProducer(brokers []string, topic string) error {
	p, err := sarama.NewSyncProducer(brokers, sarama.NewConfig()) // want resource/client
	if err != nil {
		return err
	}
	_, _, err = p.SendMessage(&sarama.ProducerMessage{Topic: topic})
	return err
}

func cleanProducer(brokers []string, topic string) error {
	p, err := sarama.NewSyncProducer(brokers, sarama.NewConfig())
	if err != nil {
		return err
	}
	defer closeQuietly(p)
	_, _, err = p.SendMessage(&sarama.ProducerMessage{Topic: topic})
	return err
}

func closeQuietly(c interface{ Close() error }) {
	if err := c.Close(); err != nil {
		slog.Debug("close", "err", err)
	}
}

// The partition consumer is closed, the consumer is not, when the partition cannot be had.
func leakConsumerOnError(brokers []string, handle func([]byte)) error {
	c, err := sarama.NewConsumer(brokers, nil) // want resource/client
	if err != nil {
		return err
	}
	pc, err := c.ConsumePartition("orders", 0, 0)
	if err != nil {
		return err
	}
	defer c.Close()
	defer pc.Close()
	for m := range pc.Messages() {
		handle(m.Value)
	}
	return nil
}

func leakPartition(c sarama.Consumer, stop <-chan struct{}, handle func([]byte)) error {
	pc, err := c.ConsumePartition("orders", 0, 0) // want resource/client
	if err != nil {
		return err
	}
	for {
		select {
		case m := <-pc.Messages():
			handle(m.Value)
		case <-stop:
			return nil
		}
	}
}

func cleanPartition(c sarama.Consumer, stop <-chan struct{}, handle func([]byte)) error {
	pc, err := c.ConsumePartition("orders", 0, 0)
	if err != nil {
		return err
	}
	defer func() { _ = pc.Close() }()
	for {
		select {
		case m, ok := <-pc.Messages():
			if !ok {
				return nil
			}
			handle(m.Value)
		case <-stop:
			return nil
		}
	}
}

func cleanPartitionAll(c sarama.Consumer, partitions []int32) ([]sarama.PartitionConsumer, error) {
	var list []sarama.PartitionConsumer
	for _, p := range partitions {
		pc, err := c.ConsumePartition("orders", p, 0)
		if err != nil {
			for _, open := range list {
				open.Close()
			}
			return nil, err
		}
		list = append(list, pc)
	}
	return list, nil
}

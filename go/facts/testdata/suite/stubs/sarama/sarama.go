// Package sarama has the outline of producers and consumers.
package sarama

import "errors"

type Config struct{ ClientID string }

func NewConfig() *Config { return &Config{} }

type ConsumerMessage struct{ Value []byte }

type ProducerMessage struct{ Topic string }

type SyncProducer interface {
	SendMessage(*ProducerMessage) (partition int32, offset int64, err error)
	Close() error
}

type PartitionConsumer interface {
	Messages() <-chan *ConsumerMessage
	Close() error
}

type Consumer interface {
	ConsumePartition(topic string, partition int32, offset int64) (PartitionConsumer, error)
	Close() error
}

func NewSyncProducer(addresses []string, config *Config) (SyncProducer, error) {
	return nil, errors.New("outline only")
}

func NewConsumer(addresses []string, config *Config) (Consumer, error) {
	return nil, errors.New("outline only")
}

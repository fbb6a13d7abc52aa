module example.com/suite

go 1.22

require (
	github.com/IBM/sarama v1.40.0
	github.com/prometheus/client_golang v1.20.0
	github.com/redis/go-redis/v9 v9.0.0
	github.com/segmentio/kafka-go v0.4.0
	go.opentelemetry.io/otel v1.30.0
	golang.org/x/sync v0.8.0
	google.golang.org/grpc v1.0.0
	k8s.io/apimachinery v0.30.0
	k8s.io/client-go v0.30.0
)

replace (
	github.com/IBM/sarama => ./stubs/sarama
	github.com/prometheus/client_golang => ./stubs/prometheus
	github.com/redis/go-redis/v9 => ./stubs/redis
	github.com/segmentio/kafka-go => ./stubs/kafka
	go.opentelemetry.io/otel => ./stubs/otel
	golang.org/x/sync => ./stubs/sync
	google.golang.org/grpc => ./stubs/grpc
	k8s.io/apimachinery => ./stubs/apimachinery
	k8s.io/client-go => ./stubs/client-go
)

package resource

// moduleAcquires are rows of the table for modules that services use much,
// beside those of the standard library in acquires.
var moduleAcquires = rows(
	of("client", 0,
		"go.etcd.io/bbolt.Open", "github.com/syndtr/goleveldb/leveldb.OpenFile", "github.com/cockroachdb/pebble.Open", "github.com/cockroachdb/pebble/v2.Open",
		"github.com/dgraph-io/badger/v2.Open", "github.com/dgraph-io/badger/v3.Open", "github.com/dgraph-io/badger/v4.Open",
		"github.com/rabbitmq/amqp091-go.Dial", "github.com/rabbitmq/amqp091-go.DialConfig", "github.com/rabbitmq/amqp091-go.DialTLS", "github.com/streadway/amqp.Dial",
		"github.com/docker/docker/client.NewClientWithOpts", "github.com/moby/moby/client.New",
		"cloud.google.com/go/storage.NewClient", "cloud.google.com/go/pubsub.NewClient", "cloud.google.com/go/bigquery.NewClient",
		"cloud.google.com/go/firestore.NewClient", "cloud.google.com/go/spanner.NewClient",
		"golang.org/x/crypto/ssh.Dial", "golang.org/x/crypto/ssh.Client.NewSession", "github.com/pkg/sftp.NewClient",
		"github.com/go-ldap/ldap/v3.DialURL", "github.com/go-zookeeper/zk.Connect", "github.com/apache/pulsar-client-go/pulsar.NewClient",
		"github.com/gocql/gocql.ClusterConfig.CreateSession",
		"github.com/redis/go-redis/v9.NewRing", "github.com/redis/go-redis/v9.NewFailoverClusterClient",
		"github.com/IBM/sarama.NewClusterAdmin", "github.com/IBM/sarama.NewConsumerFromClient", "github.com/IBM/sarama.NewSyncProducerFromClient",
		"github.com/IBM/sarama.NewAsyncProducerFromClient", "github.com/IBM/sarama.NewConsumerGroupFromClient",
		"github.com/Shopify/sarama.NewClient", "github.com/Shopify/sarama.NewAsyncProducer", "github.com/Shopify/sarama.NewConsumerGroup",
		"github.com/confluentinc/confluent-kafka-go/v2/kafka.NewConsumer", "github.com/confluentinc/confluent-kafka-go/v2/kafka.NewProducer",
		"github.com/twmb/franz-go/pkg/kgo.NewClient", "github.com/segmentio/kafka-go.NewConsumerGroup",
		"github.com/jackc/pgx/v5/pgxpool.NewWithConfig", "github.com/jackc/pgx/v4/pgxpool.Connect", "github.com/jackc/pgx/v4/pgxpool.ConnectConfig",
		"go.opentelemetry.io/otel/sdk/trace.NewTracerProvider", "go.opentelemetry.io/otel/sdk/metric.NewMeterProvider",
		"net/smtp.Dial", "net/rpc.Dial", "net/rpc.DialHTTP", "log/syslog.New", "log/syslog.Dial"),
	of("session", 0, "go.etcd.io/etcd/client/v3/concurrency.NewSession"),
	of("subscription", 0,
		"github.com/rabbitmq/amqp091-go.Connection.Channel", "github.com/streadway/amqp.Connection.Channel",
		"github.com/nats-io/nats.go.Conn.SubscribeSync", "github.com/nats-io/nats.go.Conn.QueueSubscribeSync", "github.com/nats-io/nats.go.Conn.ChanSubscribe",
		"github.com/redis/go-redis/v9.ClusterClient.Subscribe", "github.com/redis/go-redis/v9.ClusterClient.PSubscribe",
		"github.com/redis/go-redis/v9.UniversalClient.Subscribe", "github.com/redis/go-redis/v9.UniversalClient.PSubscribe",
		"github.com/redis/go-redis/v9.Client.SSubscribe",
		"github.com/apache/pulsar-client-go/pulsar.Client.Subscribe", "github.com/apache/pulsar-client-go/pulsar.Client.CreateReader"),
	of("net-conn", 0,
		"net.FileConn", "net/http.Hijacker.Hijack", "net/http.ResponseController.Hijack", "golang.org/x/crypto/ssh.Client.Dial", "golang.org/x/net/websocket.Dial",
		"github.com/coder/websocket.Dial", "github.com/coder/websocket.Accept", "nhooyr.io/websocket.Dial", "nhooyr.io/websocket.Accept",
		"github.com/gobwas/ws.Dial", "github.com/quic-go/quic-go.DialAddr", "github.com/quic-go/quic-go.Dial", "github.com/jackc/pgx/v5.ConnectConfig",
		"github.com/jackc/pgx/v4.Connect", "github.com/segmentio/kafka-go.Dialer.DialContext", "github.com/segmentio/kafka-go.Dialer.DialLeader"),
	of("net-listener", 0, "net.FileListener", "github.com/quic-go/quic-go.ListenAddr"),
	of("file", 0, "os.Pipe", "os.Root.OpenRoot", "net.TCPConn.File", "net.UDPConn.File", "net.TCPListener.File",
		"github.com/pkg/sftp.Client.Open", "github.com/pkg/sftp.Client.Create", "github.com/pkg/sftp.Client.OpenFile"),
	of("file", 1, "os.Pipe"),
	of("sql-db", 0, "github.com/jmoiron/sqlx.Open", "github.com/jmoiron/sqlx.Connect", "github.com/jmoiron/sqlx.ConnectContext"),
	of("sql-rows", 0,
		"github.com/jmoiron/sqlx.DB.Queryx", "github.com/jmoiron/sqlx.DB.QueryxContext", "github.com/jmoiron/sqlx.DB.NamedQuery",
		"github.com/jmoiron/sqlx.DB.NamedQueryContext", "github.com/jmoiron/sqlx.Tx.Queryx", "github.com/jmoiron/sqlx.Tx.QueryxContext",
		"gorm.io/gorm.DB.Rows", "github.com/jackc/pgx/v5/pgxpool.Conn.Query", "github.com/jackc/pgx/v5.Tx.Query", "github.com/jackc/pgx/v4/pgxpool.Pool.Query"),
	of("sql-stmt", 0, "github.com/jmoiron/sqlx.DB.Preparex", "github.com/jmoiron/sqlx.DB.PreparexContext", "github.com/jmoiron/sqlx.DB.PrepareNamed"),
	of("sql-tx", 0,
		"github.com/jmoiron/sqlx.DB.Beginx", "github.com/jmoiron/sqlx.DB.BeginTxx", "go.etcd.io/bbolt.DB.Begin",
		"github.com/jackc/pgx/v5.Conn.BeginTx", "github.com/jackc/pgx/v5/pgxpool.Pool.BeginTx", "github.com/jackc/pgx/v4/pgxpool.Pool.Begin"),
	of("sql-conn", 0, "github.com/jackc/pgx/v4/pgxpool.Pool.Acquire"),
	of("discard", 0, "github.com/dgraph-io/badger/v2.DB.NewTransaction", "github.com/dgraph-io/badger/v3.DB.NewTransaction", "github.com/dgraph-io/badger/v4.DB.NewTransaction"),
	of("iterator", 0,
		"github.com/dgraph-io/badger/v2.Txn.NewIterator", "github.com/dgraph-io/badger/v3.Txn.NewIterator", "github.com/dgraph-io/badger/v4.Txn.NewIterator",
		"github.com/syndtr/goleveldb/leveldb.DB.NewIterator", "github.com/syndtr/goleveldb/leveldb.DB.GetSnapshot",
		"github.com/cockroachdb/pebble.DB.NewIter", "github.com/cockroachdb/pebble.DB.NewSnapshot", "github.com/cockroachdb/pebble/v2.DB.NewIter",
		"github.com/gocql/gocql.Query.Iter", "github.com/jackc/pgx/v5/pgxpool.Pool.SendBatch", "github.com/jackc/pgx/v5.Conn.SendBatch"),
	of("http-body", 0,
		"github.com/aws/aws-sdk-go-v2/service/s3.Client.GetObject", "github.com/aws/aws-sdk-go/service/s3.S3.GetObject",
		"github.com/aws/aws-sdk-go/service/s3.S3.GetObjectWithContext"),
	of("body", 0,
		"github.com/minio/minio-go/v7.Client.GetObject", "cloud.google.com/go/storage.ObjectHandle.NewReader",
		"cloud.google.com/go/storage.ObjectHandle.NewRangeReader", "k8s.io/client-go/rest.Request.Stream",
		"github.com/docker/docker/client.Client.ContainerLogs", "github.com/docker/docker/client.Client.ImagePull", "github.com/docker/docker/client.Client.ImageSave",
		"github.com/docker/docker/client.Client.ContainerExport", "github.com/docker/docker/client.Client.CopyFromContainer",
		"github.com/segmentio/kafka-go.Conn.ReadBatch", "github.com/segmentio/kafka-go.Conn.ReadBatchWith"),
	of("watch", 0, "k8s.io/client-go/tools/watch.NewRetryWatcher"),
)

func of(kind string, result int, functions ...string) (list []Acquire) {
	for _, f := range functions {
		list = append(list, Acquire{Function: f, Kind: kind, Result: result})
	}
	return list
}

func rows(groups ...[]Acquire) (list []Acquire) {
	for _, g := range groups {
		list = append(list, g...)
	}
	return list
}

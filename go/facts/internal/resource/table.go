package resource

// Kind is one sort of thing that is taken and must be given back: a row of
// the table that drives the analysis.
type Kind struct {
	// Rule is the id that a diagnostic has; one rule may cover several kinds.
	Rule string
	// Noun is the thing in a sentence: "response body".
	Noun string
	// Release are the methods that give it back, called on the thing itself.
	Release []string
	// ReleaseFuncs are functions that give back their first argument, by full name.
	ReleaseFuncs []string
	// Field is the part of the value that is released: Body of a *http.Response.
	Field string
	// FailedWhen are methods, and functions that get it, whose error, when it is not nil, means that it is given back.
	FailedWhen []string
	// PartBy are functions and methods that read a part of it; any other that gets it counts as reading to the end.
	PartBy []string
	// Called: the value is a function, calling it is the release.
	Called bool
	// EndsWhenFalse is a method whose false result means that it is given back.
	EndsWhenFalse string
	// Before is the Go line of the main module from which nothing leaks any more.
	Before string
	// Collected: the garbage collector gives it back in the end, if nothing keeps it.
	Collected bool
	// LivesWithProgram: usual and harmless in what main calls once.
	LivesWithProgram bool
	// Idle: it costs nothing before something is asked of it.
	Idle bool
	// WhenNot names what stays behind, for the cause.
	WhenNot string
	// Fix is the change in words.
	Fix string
}

// Acquire is how a kind is taken: a function or method by its full name, and
// which result (or, with FromArgument, which argument) is the thing.
type Acquire struct {
	Function     string
	Kind         string
	Result       int
	FromArgument bool
}

var kinds = map[string]*Kind{
	"http-body": {Rule: "resource/http-body", Noun: "response body", Release: []string{"Close"}, Field: "Body",
		WhenNot: "the connection is never reused nor closed, and its two goroutines (readLoop, writeLoop) stay",
		Fix:     "defer resp.Body.Close() right after the error check"},
	"sql-rows": {Rule: "resource/sql-rows", Noun: "rows", Release: []string{"Close"}, EndsWhenFalse: "Next",
		WhenNot: "the connection stays taken out of the pool",
		Fix:     "defer rows.Close() right after the error check"},
	"sql-row": {Rule: "resource/sql-rows", Noun: "row", Release: []string{"Scan"},
		WhenNot: "the connection stays taken out of the pool until the row is scanned",
		Fix:     "call Scan, or use ExecContext where no row is wanted"},
	"discard": {Rule: "resource/sql-tx", Noun: "transaction", Release: []string{"Discard", "Commit"},
		WhenNot: "what it read stays pinned in the store, and memory and files with it",
		Fix:     "defer txn.Discard() right after it is begun; after Commit it does nothing"},
	"iterator": {Rule: "resource/sql-rows", Noun: "iterator", Release: []string{"Close", "Release", "Stop"},
		WhenNot: "what it reads stays pinned in the store, and its connection or files with it",
		Fix:     "defer the Close (or Release) of the iterator right after it is made"},
	"body": {Rule: "resource/http-body", Noun: "stream", Release: []string{"Close"},
		WhenNot: "its connection stays taken, with the goroutines that serve it",
		Fix:     "defer its Close right after the error check"},
	"sql-stmt": {Rule: "resource/sql-stmt", Noun: "prepared statement", Release: []string{"Close"},
		WhenNot: "the statement stays prepared in the database and in the pool",
		Fix:     "defer stmt.Close() right after the error check, or prepare it once"},
	"sql-tx": {Rule: "resource/sql-tx", Noun: "transaction", Release: []string{"Commit", "Rollback"},
		WhenNot: "the connection and the locks of the transaction stay taken",
		Fix:     "defer tx.Rollback() right after the error check; after Commit it does nothing"},
	"sql-conn": {Rule: "resource/sql-conn", Noun: "database connection", Release: []string{"Close", "Release"},
		WhenNot: "the connection never goes back to the pool",
		Fix:     "defer the release right after the error check"},
	"sql-db": {Rule: "resource/client", Noun: "database handle", Release: []string{"Close"}, LivesWithProgram: true,
		WhenNot: "its pool of connections and its goroutine stay",
		Fix:     "open it once for the program, or close it"},
	"net-conn": {Rule: "resource/net-conn", Noun: "connection", Release: []string{"Close", "CloseNow", "CloseWithError"}, Collected: true,
		WhenNot: "the descriptor and the buffers of the kernel stay until a garbage collection finds it, or for ever where a goroutine still uses it",
		Fix:     "defer conn.Close() right after the error check"},
	"net-listener": {Rule: "resource/net-listener", Noun: "listener", Release: []string{"Close"}, LivesWithProgram: true,
		WhenNot: "the port stays taken",
		Fix:     "close the listener when its server ends"},
	"file": {Rule: "resource/file", Noun: "file", Release: []string{"Close"}, Collected: true,
		WhenNot: "the descriptor stays open until a garbage collection finds it, or for ever where something keeps it",
		Fix:     "defer f.Close() right after the error check"},
	"decompressor": {Rule: "resource/decompressor", Noun: "decompressor", Release: []string{"Close"}, Collected: true,
		WhenNot: "its window and tables stay as long as it is kept, and a damaged end goes unseen",
		Fix:     "defer the Close of the reader right after the error check"},
	"zstd": {Rule: "resource/decompressor", Noun: "zstd decoder", Release: []string{"Close", "IOReadCloser"},
		WhenNot: "the goroutines of the decoder stay",
		Fix:     "defer Close of the decoder right after the error check"},
	"pipe-writer": {Rule: "resource/io-pipe", Noun: "writing end of the pipe", Release: []string{"Close", "CloseWithError"},
		FailedWhen: []string{"Write", "WriteString", "Flush", "Encode", "io.WriteString", "fmt.Fprint", "fmt.Fprintf", "fmt.Fprintln"},
		WhenNot:    "whoever reads the other end waits for ever",
		Fix:        "close the writing end on every path: defer pw.CloseWithError(err) in what writes"},
	"pipe-reader": {Rule: "resource/io-pipe", Noun: "reading end of the pipe", Release: []string{"Close", "CloseWithError"}, EndsWhenFalse: "Scan",
		FailedWhen: []string{"Read", "io.ReadFull", "io.ReadAtLeast", "io.CopyN"}, PartBy: readPart,
		WhenNot: "whoever writes to the other end waits for ever",
		Fix:     "defer pr.Close() right after the pipe is made: it wakes the writer"},
	"stream": {Rule: "resource/watch", Noun: "stream", Release: []string{"CloseAndRecv"}, FailedWhen: []string{"Recv", "RecvMsg", "CloseAndRecv", "SendMsg", "Send", "Header"},
		WhenNot: "nobody can cancel its context, so that the stream, its goroutine and what the server sends stay until the connection is closed",
		Fix:     "give it a context that is cancelled on every path (ctx, cancel := context.WithCancel(…); defer cancel()), or receive until an error"},
	"process": {Rule: "resource/process", Noun: "started process", Release: []string{"Wait", "Release"}, Field: "Process",
		WhenNot: "the process stays a zombie, its pipes stay open and the goroutines that copy them stay",
		Fix:     "call Wait on every path after Start"},
	"signal": {Rule: "resource/signal-notify", Noun: "signal channel", ReleaseFuncs: []string{"os/signal.Stop"}, LivesWithProgram: true,
		WhenNot: "the runtime keeps the channel and sends to it for ever",
		Fix:     "defer signal.Stop(c) after signal.Notify, or use signal.NotifyContext"},
	"ticker": {Rule: "resource/ticker", Noun: "ticker", Release: []string{"Stop"}, Before: "1.23", LivesWithProgram: true,
		WhenNot: "before Go 1.23 (the go line of the main module) the runtime keeps it and it goes on ticking",
		Fix:     "defer ticker.Stop()"},
	"cancel": {Rule: "resource/cancel", Noun: "cancel function", Called: true,
		WhenNot: "the context stays registered with its parent, with its timer and all values, until the parent ends",
		Fix:     "defer cancel() right after the context is made"},
	"remover": {Rule: "heap/holder-only-added", Noun: "function that removes the entry again", Called: true,
		WhenNot: "the entry stays in the list or map, with all that it has captured, and every call adds one",
		Fix:     "call it when done: stop := Subscribe(…); defer stop()"},
	"registration": {Rule: "heap/holder-only-added", Noun: "registration", Release: []string{"Close", "Unsubscribe", "Cancel", "Stop", "Remove", "Detach", "Leave", "Release", "Unregister", "Off", "Dispose"},
		WhenNot: "it stays in the list or map that it was put into, and every call adds one",
		Fix:     "take it back on every path: defer s.Close()"},
	"key": {Rule: "heap/holder-only-added", Noun: "key that removes the entry again",
		WhenNot: "the entry stays in the map, and every call adds one",
		Fix:     "keep the key, and remove the entry when done"},
	"transport": {Rule: "resource/transport-per-call", Noun: "transport", Release: []string{"CloseIdleConnections"}, Idle: true,
		WhenNot: "each call leaves idle connections with two goroutines each behind, until the server or the idle time-out ends them",
		Fix:     "keep one client for the program, or call CloseIdleConnections when done"},
	"client": {Rule: "resource/client", Noun: "client", Release: []string{"Close", "Disconnect", "Shutdown", "Drain"}, LivesWithProgram: true,
		WhenNot: "its connections and goroutines stay",
		Fix:     "make one client for the program, or close it on every path"},
	"session": {Rule: "resource/client", Noun: "session", Release: []string{"Close", "Orphan"},
		WhenNot: "a goroutine keeps its lease alive",
		Fix:     "defer its Close right after the error check"},
	"subscription": {Rule: "resource/client", Noun: "subscription", Release: []string{"Close", "Unsubscribe", "Drain"},
		WhenNot: "its connection and goroutines stay",
		Fix:     "close it on every path"},
	"watch": {Rule: "resource/watch", Noun: "watch", Release: []string{"Stop", "Close"},
		WhenNot: "its stream and the goroutine that receives from it stay",
		Fix:     "defer w.Stop() right after the error check"},
	"span": {Rule: "resource/span", Noun: "span", Release: []string{"End", "Finish"},
		WhenNot: "the span is never exported, and what it holds stays with whoever holds its context",
		Fix:     "defer span.End() right after it is started"},
}

// readPart read as much as they are asked for, and leave the rest.
var readPart = []string{"io.PipeReader.Read", "io.ReadFull", "io.ReadAtLeast", "io.CopyN", "io.LimitReader", "bufio.NewScanner",
	"bufio.Scanner.Scan", "bufio.Scanner.Text", "bufio.Scanner.Bytes", "bufio.Scanner.Err", "bufio.Scanner.Buffer", "bufio.Scanner.Split"}

// acquires is the table of pairs. "T.M" stands for a method of the interface
// or (pointer) type T.
var acquires = []Acquire{
	{"net/http.Get", "http-body", 0, false}, {"net/http.Head", "http-body", 0, false},
	{"net/http.Post", "http-body", 0, false}, {"net/http.PostForm", "http-body", 0, false},
	{"net/http.Client.Do", "http-body", 0, false}, {"net/http.Client.Get", "http-body", 0, false},
	{"net/http.Client.Head", "http-body", 0, false}, {"net/http.Client.Post", "http-body", 0, false},
	{"net/http.Client.PostForm", "http-body", 0, false}, {"net/http.Transport.RoundTrip", "http-body", 0, false},
	{"net/http.RoundTripper.RoundTrip", "http-body", 0, false}, {"net/http.ReadResponse", "http-body", 0, false},

	{"database/sql.DB.Query", "sql-rows", 0, false}, {"database/sql.DB.QueryContext", "sql-rows", 0, false},
	{"database/sql.Tx.Query", "sql-rows", 0, false}, {"database/sql.Tx.QueryContext", "sql-rows", 0, false},
	{"database/sql.Stmt.Query", "sql-rows", 0, false}, {"database/sql.Stmt.QueryContext", "sql-rows", 0, false},
	{"database/sql.Conn.QueryContext", "sql-rows", 0, false},
	{"database/sql.DB.QueryRow", "sql-row", 0, false}, {"database/sql.DB.QueryRowContext", "sql-row", 0, false},
	{"database/sql.DB.Prepare", "sql-stmt", 0, false}, {"database/sql.DB.PrepareContext", "sql-stmt", 0, false},
	{"database/sql.Conn.PrepareContext", "sql-stmt", 0, false},
	{"database/sql.DB.Begin", "sql-tx", 0, false}, {"database/sql.DB.BeginTx", "sql-tx", 0, false},
	{"database/sql.Conn.BeginTx", "sql-tx", 0, false}, {"database/sql.DB.Conn", "sql-conn", 0, false},
	{"database/sql.Open", "sql-db", 0, false}, {"database/sql.OpenDB", "sql-db", 0, false},

	{"net.Dial", "net-conn", 0, false}, {"net.DialTimeout", "net-conn", 0, false}, {"net.DialTCP", "net-conn", 0, false},
	{"net.DialUDP", "net-conn", 0, false}, {"net.DialUnix", "net-conn", 0, false}, {"net.DialIP", "net-conn", 0, false},
	{"net.Dialer.Dial", "net-conn", 0, false}, {"net.Dialer.DialContext", "net-conn", 0, false},
	{"crypto/tls.Dial", "net-conn", 0, false}, {"crypto/tls.DialWithDialer", "net-conn", 0, false},
	{"crypto/tls.Dialer.DialContext", "net-conn", 0, false}, {"crypto/tls.Dialer.Dial", "net-conn", 0, false},
	{"net.Listener.Accept", "net-conn", 0, false}, {"net.TCPListener.Accept", "net-conn", 0, false},
	{"net.TCPListener.AcceptTCP", "net-conn", 0, false}, {"net.UnixListener.Accept", "net-conn", 0, false},
	{"net.UnixListener.AcceptUnix", "net-conn", 0, false},
	{"net.ListenPacket", "net-conn", 0, false}, {"net.ListenUDP", "net-conn", 0, false},
	{"net.ListenConfig.ListenPacket", "net-conn", 0, false},
	{"net.Listen", "net-listener", 0, false}, {"net.ListenTCP", "net-listener", 0, false}, {"net.ListenUnix", "net-listener", 0, false},
	{"net.ListenConfig.Listen", "net-listener", 0, false}, {"crypto/tls.Listen", "net-listener", 0, false},

	{"os.Open", "file", 0, false}, {"os.Create", "file", 0, false}, {"os.OpenFile", "file", 0, false},
	{"os.CreateTemp", "file", 0, false}, {"os.OpenInRoot", "file", 0, false},
	{"io/ioutil.TempFile", "file", 0, false}, {"os.Root.Open", "file", 0, false}, {"os.Root.Create", "file", 0, false},
	{"os.Root.OpenFile", "file", 0, false}, {"os.OpenRoot", "file", 0, false},
	{"io/fs.FS.Open", "file", 0, false}, {"mime/multipart.FileHeader.Open", "file", 0, false},
	{"archive/zip.OpenReader", "file", 0, false}, {"archive/zip.File.Open", "decompressor", 0, false},
	{"net/http.FileSystem.Open", "file", 0, false}, {"net/http.Dir.Open", "file", 0, false},
	{"net/http.Request.FormFile", "file", 0, false},

	{"compress/gzip.NewReader", "decompressor", 0, false}, {"compress/zlib.NewReader", "decompressor", 0, false},
	{"compress/zlib.NewReaderDict", "decompressor", 0, false},
	{"github.com/klauspost/compress/zstd.NewReader", "zstd", 0, false},

	{"io.Pipe", "pipe-writer", 1, false},
	{"os/exec.Cmd.Start", "process", 0, true}, {"os.StartProcess", "process", 0, false},
	{"os/signal.Notify", "signal", 0, true}, {"os/signal.NotifyContext", "cancel", 1, false},
	{"time.NewTicker", "ticker", 0, false},

	{"context.WithCancel", "cancel", 1, false}, {"context.WithTimeout", "cancel", 1, false}, {"context.WithDeadline", "cancel", 1, false},
	{"context.WithCancelCause", "cancel", 1, false}, {"context.WithTimeoutCause", "cancel", 1, false},
	{"context.WithDeadlineCause", "cancel", 1, false},

	{"net/http.Transport.Clone", "transport", 0, false},

	{"google.golang.org/grpc.NewClient", "client", 0, false}, {"google.golang.org/grpc.Dial", "client", 0, false},
	{"google.golang.org/grpc.DialContext", "client", 0, false},
	{"github.com/redis/go-redis/v9.NewClient", "client", 0, false}, {"github.com/redis/go-redis/v9.NewClusterClient", "client", 0, false},
	{"github.com/redis/go-redis/v9.NewUniversalClient", "client", 0, false}, {"github.com/redis/go-redis/v9.NewFailoverClient", "client", 0, false},
	{"github.com/redis/go-redis/v9.Client.Conn", "sql-conn", 0, false},
	{"github.com/redis/go-redis/v9.Client.Subscribe", "subscription", 0, false}, {"github.com/redis/go-redis/v9.Client.PSubscribe", "subscription", 0, false},
	{"github.com/go-redis/redis/v8.NewClient", "client", 0, false}, {"github.com/go-redis/redis/v8.Client.Subscribe", "subscription", 0, false},
	{"github.com/gomodule/redigo/redis.Dial", "net-conn", 0, false}, {"github.com/gomodule/redigo/redis.Pool.Get", "sql-conn", 0, false},
	{"github.com/segmentio/kafka-go.NewReader", "client", 0, false}, {"github.com/segmentio/kafka-go.NewWriter", "client", 0, false},
	{"github.com/segmentio/kafka-go.Dial", "net-conn", 0, false}, {"github.com/segmentio/kafka-go.DialContext", "net-conn", 0, false}, {"github.com/segmentio/kafka-go.DialLeader", "net-conn", 0, false},
	{"github.com/IBM/sarama.NewClient", "client", 0, false}, {"github.com/IBM/sarama.NewConsumer", "client", 0, false},
	{"github.com/IBM/sarama.NewConsumerGroup", "client", 0, false}, {"github.com/IBM/sarama.NewSyncProducer", "client", 0, false},
	{"github.com/IBM/sarama.NewAsyncProducer", "client", 0, false}, {"github.com/IBM/sarama.Consumer.ConsumePartition", "subscription", 0, false},
	{"github.com/Shopify/sarama.NewConsumer", "client", 0, false}, {"github.com/Shopify/sarama.NewSyncProducer", "client", 0, false},
	{"github.com/nats-io/nats.go.Connect", "client", 0, false},
	{"go.etcd.io/etcd/client/v3.New", "client", 0, false},
	{"go.mongodb.org/mongo-driver/mongo.Connect", "client", 0, false}, {"go.mongodb.org/mongo-driver/v2/mongo.Connect", "client", 0, false},
	{"go.mongodb.org/mongo-driver/mongo.Collection.Find", "sql-rows", 0, false}, {"go.mongodb.org/mongo-driver/v2/mongo.Collection.Find", "sql-rows", 0, false},
	{"github.com/jackc/pgx/v5.Connect", "net-conn", 0, false}, {"github.com/jackc/pgx/v5/pgxpool.New", "client", 0, false},
	{"github.com/jackc/pgx/v5/pgxpool.Pool.Acquire", "sql-conn", 0, false}, {"github.com/jackc/pgx/v5/pgxpool.Pool.Query", "sql-rows", 0, false},
	{"github.com/jackc/pgx/v5/pgxpool.Pool.Begin", "sql-tx", 0, false}, {"github.com/jackc/pgx/v5.Conn.Query", "sql-rows", 0, false},
	{"github.com/jackc/pgx/v5.Conn.Begin", "sql-tx", 0, false},
	{"github.com/fsnotify/fsnotify.NewWatcher", "client", 0, false},
	{"github.com/gorilla/websocket.Dialer.Dial", "net-conn", 0, false}, {"github.com/gorilla/websocket.Dialer.DialContext", "net-conn", 0, false},
	{"github.com/gorilla/websocket.Upgrader.Upgrade", "net-conn", 0, false},
	{"k8s.io/client-go/dynamic.ResourceInterface.Watch", "watch", 0, false},
	{"go.opentelemetry.io/otel/trace.Tracer.Start", "span", 1, false},
}

// literals are types whose value is taken by writing it down or by new: "T{}"
// in a user's pair.
var literals = map[string]string{
	"net/http.Transport": "transport", "golang.org/x/net/http2.Transport": "transport", "github.com/quic-go/quic-go/http3.Transport": "client",
	"github.com/segmentio/kafka-go.Writer": "client", "github.com/segmentio/kafka-go.Transport": "transport",
	"github.com/gomodule/redigo/redis.Pool": "client",
}

// byFunction finds the rows of a function, one for each result that is taken.
var byFunction = func() map[string][]Acquire {
	m := map[string][]Acquire{}
	for _, a := range rows(acquires, moduleAcquires) {
		m[a.Function] = append(m[a.Function], a)
	}
	return m
}()

// resultTypes acquire by the type of the result of a call through an
// interface or function value, whoever implements it.
var resultTypes = map[string]string{
	"k8s.io/apimachinery/pkg/watch.Interface":               "watch",
	"github.com/elastic/go-elasticsearch/v7/esapi.Response": "http-body", "github.com/elastic/go-elasticsearch/v8/esapi.Response": "http-body",
}

// borrows are packages of the standard library whose functions use what they
// are given and neither keep nor close it.
var borrows = map[string]bool{
	"io": true, "io/ioutil": true, "bufio": true, "fmt": true, "bytes": true, "strings": true, "encoding/json": true, "encoding/xml": true,
	"encoding/csv": true, "encoding/gob": true, "encoding/binary": true, "encoding/base64": true, "encoding/hex": true, "compress/gzip": true, "compress/zlib": true,
	"compress/flate": true, "compress/bzip2": true, "archive/tar": true, "archive/zip": true, "text/template": true, "html/template": true,
	"image": true, "image/png": true, "image/jpeg": true, "image/gif": true, "os": true, "io/fs": true, "syscall": true, "errors": true,
	"database/sql": true, "context": true, "crypto/sha256": true, "hash/crc32": true, "mime/multipart": true, "text/tabwriter": true,
	"text/scanner": true, "net/textproto": false, "time": true, "runtime": true, "net/url": true, "strconv": true, "sort": true, "slices": true,
	"maps": true, "path/filepath": true, "regexp": true, "go/ast": true,
}

// owners are functions of the standard library whose result takes over what
// they are given: closing the result closes it.
var owners = map[string]bool{
	"crypto/tls.Client": true, "crypto/tls.Server": true, "crypto/tls.NewListener": true,
	"net/textproto.NewConn": true, "net/rpc.NewClient": true, "net/rpc/jsonrpc.NewClient": true, "net/smtp.NewClient": true,
	"golang.org/x/net/netutil.LimitListener": true,
}

// takers keep or close what they are given, though their package borrows.
var takers = map[string]bool{
	"runtime.SetFinalizer": true, "runtime.AddCleanup": true, "runtime.KeepAlive": false, "context.AfterFunc": true, "time.AfterFunc": true,
	"context.WithValue": true, "net/http.Serve": true, "os.Exit": true,
}

// ends never return.
var ends = map[string]bool{
	"os.Exit": true, "log.Fatal": true, "log.Fatalf": true, "log.Fatalln": true, "runtime.Goexit": true, "syscall.Exit": true,
	"log.Panic": true, "log.Panicf": true, "log.Panicln": true,
	"log.Logger.Fatal": true, "log.Logger.Fatalf": true, "log.Logger.Fatalln": true, "log.Logger.Panic": true, "log.Logger.Panicf": true,
	"testing.common.Fatal": true, "testing.common.Fatalf": true, "testing.common.FailNow": true, "testing.common.Skip": true, "testing.common.SkipNow": true,
	"testing.TB.Fatal": true, "testing.TB.Fatalf": true,
	"k8s.io/klog/v2.Fatal": true, "k8s.io/klog/v2.Fatalf": true, "github.com/golang/glog.Fatal": true, "github.com/golang/glog.Fatalf": true,
}

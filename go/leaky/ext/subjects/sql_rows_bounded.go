package subjects

import (
	"context"
	"database/sql"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

const maxOpenConns = 4

var sqlRowsBounded = subject.Subject{
	Name:   "sql-rows-bounded",
	Title:  "as sql-rows, with at most 4 connections: soon every request waits for one",
	Kind:   subject.Leak,
	Signal: subject.Goroutine,
	Grows:  subject.Growth{Goroutines: 1},
	Sites:  []subject.Site{subject.At(subject.Waits, (*orders).lastOrder)},
	Loads: []subject.Load{
		{Name: "small", RatePerSecond: 0.5, SizeBytes: 1 << 10},
		{Name: "default", RatePerSecond: 10, SizeBytes: 1 << 10},
	},
	Path:    "/orders",
	Timeout: time.Second / 2,
	New: func(subject.Options) (*subject.Service, error) {
		leaking, err := openDatabase()
		if err != nil {
			return nil, err
		}
		fixed, err := openDatabase()
		if err != nil {
			leaking.Close()
			return nil, err
		}
		leaking.SetMaxOpenConns(maxOpenConns)
		fixed.SetMaxOpenConns(maxOpenConns)
		ctx, stop := context.WithCancel(context.Background())
		return &subject.Service{
			Handler: answering((&orders{ctx, leaking}).lastOrder),
			Fixed:   answering((&orders{ctx, fixed}).lastOrderClosed),
			Close: func() {
				stop()
				leaking.Close()
				fixed.Close()
			},
		}, nil
	},
}

// orders asks under the context of the service: a request that gives up does not end its query.
type orders struct {
	ctx context.Context
	db  *sql.DB
}

// lastOrder keeps its connection, so that the fifth caller waits for ever.
func (o *orders) lastOrder() (owner string, err error) {
	rows, err := o.db.QueryContext(o.ctx, "SELECT owner FROM account") // leak: waits
	if err != nil {
		return "", err
	}
	if rows.Next() {
		err = rows.Scan(&owner)
	}
	return owner, err
}

func (o *orders) lastOrderClosed() (owner string, err error) {
	rows, err := o.db.QueryContext(o.ctx, "SELECT owner FROM account")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&owner)
	}
	return owner, err
}

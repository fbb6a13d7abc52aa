package subjects

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var sqlRows = subject.Subject{
	Name:   "sql-rows",
	Title:  "the first row of a query is read and its sql.Rows not closed: each keeps a connection and a goroutine",
	Kind:   subject.Leak,
	Signal: subject.Goroutine,
	Grows:  subject.Growth{Goroutines: 1},
	Sites: []subject.Site{
		subject.Of(subject.Waits, "database/sql.(*Rows).awaitDone"),
		subject.At(subject.Causes, (*accounts).firstOwner),
	},
	Loads: []subject.Load{
		{Name: "small", RatePerSecond: 0.5, SizeBytes: 1 << 10},
		{Name: "default", RatePerSecond: 10, SizeBytes: 1 << 10},
	},
	Path: "/accounts",
	New: func(subject.Options) (*subject.Service, error) {
		db, err := openDatabase()
		if err != nil {
			return nil, err
		}
		ctx, stop := context.WithCancel(context.Background())
		a := &accounts{ctx: ctx, db: db}
		return &subject.Service{
			Handler: answering(a.firstOwner),
			Fixed:   answering(a.firstOwnerClosed),
			Close: func() {
				stop()
				db.Close()
			},
		}, nil
	},
}

// accounts asks under the context of the service, as workers do.
type accounts struct {
	ctx context.Context
	db  *sql.DB
}

// firstOwner returns after the first row. Rows close themselves only after the last one.
func (a *accounts) firstOwner() (owner string, err error) {
	rows, err := a.db.QueryContext(a.ctx, "SELECT owner FROM account") // leak: causes
	if err != nil {
		return "", err
	}
	if rows.Next() {
		err = rows.Scan(&owner)
	}
	return owner, err
}

func (a *accounts) firstOwnerClosed() (owner string, err error) {
	rows, err := a.db.QueryContext(a.ctx, "SELECT owner FROM account")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&owner)
	}
	return owner, err
}

func answering(work func() (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := work()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, answer)
	}
}

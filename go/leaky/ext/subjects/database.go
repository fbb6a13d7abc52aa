package subjects

import (
	"database/sql"
	"fmt"
	"strconv"
	"sync/atomic"

	_ "github.com/proullon/ramsql/driver" // a database in memory, in pure Go
)

const accountCount = 50

// databases numbers them: the driver shares a database among those who know its name.
var databases atomic.Int64

// openDatabase returns a new database with a few accounts.
func openDatabase() (*sql.DB, error) {
	db, err := sql.Open("ramsql", "leaky"+strconv.FormatInt(databases.Add(1), 10))
	if err != nil {
		return nil, err
	}
	if err := fillDatabase(db); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

func fillDatabase(db *sql.DB) error {
	if _, err := db.Exec("CREATE TABLE account (id INT PRIMARY KEY, owner TEXT)"); err != nil {
		return fmt.Errorf("creating the accounts: %w", err)
	}
	for id := range accountCount {
		if _, err := db.Exec("INSERT INTO account (id, owner) VALUES (?, ?)", id, fmt.Sprintf("owner %d", id)); err != nil {
			return fmt.Errorf("filling the accounts: %w", err)
		}
	}
	return nil
}

// Package sessions knows who is logged in.
package sessions

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

// Session is what the shop remembers about one login.
type Session struct {
	Token     string
	User      string
	CreatedAt time.Time
	Viewed    []View
}

// View is one product page that the customer has looked at.
type View struct {
	Product  int64
	At       time.Time
	Referrer string
}

// recentViews is how many views a session has room for; the page shows the last ones.
const recentViews = 192

// Store holds the sessions by their token.
type Store struct {
	mu      sync.Mutex
	byToken map[string]*Session
}

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{byToken: make(map[string]*Session)}
}

// Create logs a user in.
func (s *Store) Create(user string) *Session {
	session := &Session{
		Token:     newToken(),
		User:      user,
		CreatedAt: time.Now(),
		Viewed:    make([]View, 0, recentViews), // leak: allocates
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// The bug: a session is added at each login, and nothing ever takes one out.
	s.byToken[session.Token] = session
	return session
}

// Len returns the number of sessions held.
func (s *Store) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byToken)
}

func newToken() string {
	var raw [16]byte
	rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}

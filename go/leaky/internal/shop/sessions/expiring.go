package sessions

import (
	"sync"
	"time"
)

// ExpiringStore is the fixed twin of Store: a session ends after its time to live.
type ExpiringStore struct {
	ttl     time.Duration
	mu      sync.Mutex
	byToken map[string]*Session
	oldest  []*Session // in order of creation
}

// NewExpiringStore returns an empty store whose sessions live for ttl.
func NewExpiringStore(ttl time.Duration) *ExpiringStore {
	return &ExpiringStore{ttl: ttl, byToken: make(map[string]*Session)}
}

// Create logs a user in and ends the sessions whose time is over.
func (s *ExpiringStore) Create(user string) *Session {
	session := &Session{
		Token:     newToken(),
		User:      user,
		CreatedAt: time.Now(),
		Viewed:    make([]View, 0, recentViews),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.oldest) > 0 && time.Since(s.oldest[0].CreatedAt) > s.ttl {
		delete(s.byToken, s.oldest[0].Token)
		s.oldest[0] = nil
		s.oldest = s.oldest[1:]
	}
	s.byToken[session.Token] = session
	s.oldest = append(s.oldest, session)
	return session
}

// Len returns the number of sessions held.
func (s *ExpiringStore) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byToken)
}

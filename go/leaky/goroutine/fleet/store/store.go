// Package store keeps what the fleet's manager watches. It knows its listener
// by an interface only.
package store

import "sync"

// Listener is told of every change while the store is locked.
type Listener interface{ Changed(key string) }

// Store is a guarded map that tells its listener.
type Store struct {
	mu       sync.Mutex
	values   map[string]string
	listener Listener
}

// New returns an empty store that tells l.
func New(l Listener) *Store { return &Store{values: map[string]string{}, listener: l} }

// Put stores the value and tells the listener.
func (s *Store) Put(key, value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = value
	s.listener.Changed(key)
}

// Get returns the value of key.
func (s *Store) Get(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[key]
}

// Quiet tells its listener after it has let go of the lock.
type Quiet struct {
	mu       sync.Mutex
	values   map[string]string
	listener Listener
}

// NewQuiet returns an empty store that tells l.
func NewQuiet(l Listener) *Quiet { return &Quiet{values: map[string]string{}, listener: l} }

// Put stores the value, then tells the listener.
func (q *Quiet) Put(key, value string) {
	q.mu.Lock()
	q.values[key] = value
	q.mu.Unlock()
	q.listener.Changed(key)
}

// Get returns the value of key.
func (q *Quiet) Get(key string) string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.values[key]
}

// Package catalogue shows products, through a cache that is bounded.
package catalogue

import (
	"container/list"
	"fmt"
	"strings"
	"sync"
)

// Product is one page of the catalogue.
type Product struct {
	ID          int64
	Name        string
	Description string
	Image       []byte
}

// Catalogue keeps the products that were asked for last.
type Catalogue struct {
	capacity int
	mu       sync.Mutex
	byID     map[int64]*list.Element
	recent   *list.List // of *Product, the latest in front
}

const imageBytes = 6 << 10

// New returns a catalogue that caches up to capacity products, and fills the cache.
func New(capacity int) *Catalogue {
	c := &Catalogue{capacity: capacity, byID: make(map[int64]*list.Element, capacity), recent: list.New()}
	for id := range int64(capacity) {
		c.Product(id)
	}
	return c
}

// Product returns the product and evicts the one that was asked for longest ago when full.
func (c *Catalogue) Product(id int64) *Product {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.byID[id]; ok {
		c.recent.MoveToFront(element)
		return element.Value.(*Product)
	}
	product := load(id)
	c.byID[id] = c.recent.PushFront(product)
	if c.recent.Len() > c.capacity {
		last := c.recent.Back()
		delete(c.byID, last.Value.(*Product).ID)
		c.recent.Remove(last)
	}
	return product
}

// load stands for the database.
func load(id int64) *Product {
	image := make([]byte, imageBytes)
	copy(image, fmt.Sprintf("image of %d", id))
	return &Product{
		ID:          id,
		Name:        fmt.Sprintf("Product %d", id),
		Description: strings.Repeat("Solid, light and made to last. ", 12),
		Image:       image,
	}
}

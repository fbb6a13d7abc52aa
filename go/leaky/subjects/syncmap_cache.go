package subjects

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/tidemark-go/tidemark/go/leaky/internal/subject"
)

var syncMapCache = subject.Subject{
	Name:   "syncmap-cache",
	Title:  "a sync.Map that keeps one rendered page for every URL, query included",
	Kind:   subject.Leak,
	Signal: subject.Heap,
	Grows:  subject.Growth{Heap: 1},
	Sites:  []subject.Site{subject.At(subject.Allocates, (*pageCache).render)},
	Loads:  leakLoads(6, 120, 8<<10),
	Path:   "/pages",
	New: func(o subject.Options) (*subject.Service, error) {
		cache := &pageCache{}
		return &subject.Service{
			Handler: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, len(cache.render(r.URL.RequestURI(), o.SizeBytes)))
			},
			Fixed: func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprint(w, len(cache.renderByPath(r.URL, o.SizeBytes)))
			},
		}, nil
	},
}

type pageCache struct{ pages sync.Map }

// render keeps a page under the whole URI: a new query string is a new page.
func (c *pageCache) render(uri string, pageBytes int) string {
	if page, ok := c.pages.Load(uri); ok {
		return page.(string)
	}
	page := strings.Repeat("<li>"+uri+"</li>", 1+pageBytes/(len(uri)+9)) // leak: allocates
	c.pages.Store(uri, page)
	return page
}

// renderByPath keeps a page under its path, of which there are few.
func (c *pageCache) renderByPath(u *url.URL, pageBytes int) string {
	if page, ok := c.pages.Load(u.Path); ok {
		return page.(string)
	}
	page := strings.Repeat("<li>"+u.Path+"</li>", 1+pageBytes/(len(u.Path)+9))
	c.pages.Store(u.Path, page)
	return page
}

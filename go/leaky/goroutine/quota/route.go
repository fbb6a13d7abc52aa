package quota

import (
	"strings"
	"sync"
)

var routesLock sync.Mutex
var routes = map[string]int{}

func route(verb, path string) (n int) {
	routesLock.Lock() // acquired: return-switch-default // victim: return-switch-default
	switch strings.ToUpper(verb) {
	case "GET", "HEAD":
		n = routes[path]
	case "POST":
		routes[path]++
	default:
		return -1 // holder: return-switch-default
	}
	routesLock.Unlock()
	return n
}

func leakRoute() {
	route("BREW", "/tea")
	go func() {
		route("GET", "/tea")
	}()
}

var pathsLock sync.Mutex
var paths = map[string]int{}

func path(verb, name string) (n int) {
	pathsLock.Lock()
	switch strings.ToUpper(verb) {
	case "GET", "HEAD":
		n = paths[name]
	case "POST":
		paths[name]++
	default:
		n = -1
	}
	pathsLock.Unlock()
	return n
}

func fixedRoute() {
	path("BREW", "/tea")
	path("GET", "/tea")
}

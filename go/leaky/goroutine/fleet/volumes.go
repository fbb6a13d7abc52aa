package fleet

import (
	"errors"
	"sync"
)

var errBusy = errors.New("busy")

type volume struct {
	name string
	mu   sync.Mutex
	refs int
}

// volumes keeps a lock for each volume, in a map.
type volumes struct {
	byName map[string]*volume
}

func (v *volumes) detach(names ...string) error {
	for _, name := range names {
		vol := v.byName[name]
		vol.mu.Lock() // acquired: map-entry-kept // victim: map-entry-kept
		if vol.refs > 1 {
			return errBusy // holder: map-entry-kept
		}
		vol.refs = 0
		vol.mu.Unlock()
	}
	return nil
}

func leakVolumes() {
	v := &volumes{byName: map[string]*volume{"a": {name: "a", refs: 1}, "b": {name: "b", refs: 2}}}
	_ = v.detach("a", "b")
	go v.detach("b")
}

type calmVolume struct {
	name string
	mu   sync.Mutex
	refs int
}

type calmVolumes struct {
	byName map[string]*calmVolume
}

func (v *calmVolumes) detach(names ...string) error {
	for _, name := range names {
		vol := v.byName[name]
		vol.mu.Lock()
		if vol.refs > 1 {
			vol.mu.Unlock()
			return errBusy
		}
		vol.refs = 0
		vol.mu.Unlock()
	}
	return nil
}

func fixedVolumes() {
	v := &calmVolumes{byName: map[string]*calmVolume{"a": {name: "a", refs: 1}, "b": {name: "b", refs: 2}}}
	_ = v.detach("a", "b")
	_ = v.detach("b")
}

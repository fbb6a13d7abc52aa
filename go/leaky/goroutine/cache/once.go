package cache

import "sync"

var (
	defaultsOnce sync.Once
	defaults     map[string]string
)

func loadDefaults() map[string]string {
	defaultsOnce.Do(func() { // victim: recursive-once // acquired: recursive-once
		defaults = map[string]string{"region": regionOf()} // holder: recursive-once
	})
	return defaults
}

func regionOf() string {
	if v, ok := loadDefaults()["fallback"]; ok {
		return v
	}
	return "eu"
}

func leakOnce() { go loadDefaults() }

var (
	limitsOnce sync.Once
	limits     map[string]int
)

func loadLimits() map[string]int {
	limitsOnce.Do(func() {
		limits = map[string]int{"rate": 10}
	})
	return limits
}

func fixedOnce() { loadLimits() }

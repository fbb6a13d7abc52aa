// Package util changes containers of its callers.
package util

func Put(m map[string]int, k string) { m[k]++ }

func Drop(m map[string]int, k string) { delete(m, k) }

func Spread[K comparable](m map[K]bool, k K) { m[k] = true }

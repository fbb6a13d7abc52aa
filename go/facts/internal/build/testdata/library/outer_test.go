package library_test

import (
	"testing"

	"example.com/library"
	"example.com/library/user"
)

func TestFeed(t *testing.T) {
	f := library.NewFeed(1)
	user.Use(f)
	<-f.Out()
}

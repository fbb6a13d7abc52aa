package library

import (
	"testing"

	"example.com/library/helper"
)

func TestDrop(t *testing.T) {
	f := NewFeed(helper.Buffer(NewFeed))
	go f.drop(1)
	<-f.hidden
}

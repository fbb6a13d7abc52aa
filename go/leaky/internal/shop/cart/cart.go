// Package cart adds up what a customer wants to buy.
package cart

import "github.com/tidemark-go/tidemark/go/leaky/internal/shop/pricing"

// Line is one product in a cart.
type Line struct {
	Product  int64 `json:"product"`
	Quantity int64 `json:"quantity"`
}

// Cart lives as long as one checkout.
type Cart struct {
	Lines []Line `json:"lines"`
}

// TotalCents returns the price of everything in the cart.
func (c Cart) TotalCents(prices *pricing.Prices) int64 {
	var total int64
	for _, line := range c.Lines {
		total += prices.Of(line.Product).Cents * line.Quantity
	}
	return total
}

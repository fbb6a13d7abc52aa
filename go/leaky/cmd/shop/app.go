package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/tidemark-go/tidemark/go/leaky/internal/shop/audit"
	"github.com/tidemark-go/tidemark/go/leaky/internal/shop/cart"
	"github.com/tidemark-go/tidemark/go/leaky/internal/shop/catalogue"
	"github.com/tidemark-go/tidemark/go/leaky/internal/shop/metrics"
	"github.com/tidemark-go/tidemark/go/leaky/internal/shop/payment"
	"github.com/tidemark-go/tidemark/go/leaky/internal/shop/pricing"
	"github.com/tidemark-go/tidemark/go/leaky/internal/shop/sessions"
)

type sessionStore interface {
	Create(user string) *sessions.Session
	Len() int
}

type gateway interface {
	Charge(ctx context.Context, order payment.Order) (string, error)
}

// app joins the shop's parts. It holds both the leaking parts and their fixed twins and asks
// fixed at each request, so that a running shop can be switched.
type app struct {
	fixed     atomic.Bool
	catalogue *catalogue.Catalogue
	prices    *pricing.Prices
	audit     *audit.Log
	latency   *metrics.Latency
	orders    atomic.Int64

	leakingSessions, fixedSessions sessionStore
	leakingGateway, fixedGateway   gateway
}

func newApp(ctx context.Context, fixed bool) *app {
	bank := payment.NewSlowBank(1, 0.10, 8*time.Millisecond, 2*time.Second)
	const bankTimeout = 250 * time.Millisecond
	a := &app{
		catalogue:       catalogue.New(2000),
		prices:          pricing.New(5 * time.Second),
		audit:           audit.NewLog(ctx, io.Discard, 4),
		latency:         metrics.NewLatency(),
		leakingSessions: sessions.NewStore(),
		fixedSessions:   sessions.NewExpiringStore(5 * time.Second),
		leakingGateway:  payment.NewGateway(bank, bankTimeout),
		fixedGateway:    payment.NewBufferedGateway(bank, bankTimeout),
	}
	a.fixed.Store(fixed)
	return a
}

func (a *app) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /login", a.measured(a.login))
	mux.HandleFunc("GET /products/{id}", a.measured(a.product))
	mux.HandleFunc("POST /orders/{id}", a.measured(a.order))
	mux.HandleFunc("/control", a.control)
}

// measured observes how long a request took. The leaking form labels by the URL's path, which
// has the order's number in it; the fixed one by the route.
func (a *app) measured(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		next(w, r)
		if a.fixed.Load() {
			a.latency.Observe(r.Pattern, time.Since(start))
		} else {
			a.latency.Observe(r.URL.Path, time.Since(start))
		}
	}
}

func (a *app) login(w http.ResponseWriter, r *http.Request) {
	store := a.leakingSessions
	if a.fixed.Load() {
		store = a.fixedSessions
	}
	session := store.Create(r.FormValue("user"))
	http.SetCookie(w, &http.Cookie{Name: "session", Value: session.Token})
	a.audit.Record("login", session.User)
}

func (a *app) product(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.Error(w, "a product is a number", http.StatusBadRequest)
		return
	}
	product := a.catalogue.Product(id)
	json.NewEncoder(w).Encode(map[string]any{"name": product.Name, "cents": a.prices.Of(id).Cents})
}

func (a *app) order(w http.ResponseWriter, r *http.Request) {
	gateway := a.leakingGateway
	if a.fixed.Load() {
		gateway = a.fixedGateway
	}
	n := a.orders.Add(1)
	basket := cart.Cart{Lines: []cart.Line{{Product: n % 1500, Quantity: 1}, {Product: n % 700, Quantity: 2}}}
	order := payment.Order{ID: r.PathValue("id"), Cents: basket.TotalCents(a.prices), Currency: "EUR"}
	receipt, err := gateway.Charge(r.Context(), order)
	if err != nil {
		a.audit.Record("payment failed", order.ID)
		http.Error(w, "the bank is slow, try again", http.StatusGatewayTimeout)
		return
	}
	a.audit.Record("paid", order.ID)
	fmt.Fprintln(w, receipt)
}

// control switches the running shop: /control?leak=on or /control?leak=off.
func (a *app) control(w http.ResponseWriter, r *http.Request) {
	switch r.FormValue("leak") {
	case "on":
		a.fixed.Store(false)
	case "off":
		a.fixed.Store(true)
	case "":
	default:
		http.Error(w, "leak is on or off", http.StatusBadRequest)
		return
	}
	json.NewEncoder(w).Encode(map[string]any{
		"leak":     !a.fixed.Load(),
		"sessions": a.leakingSessions.Len(),
	})
}

// Package sdk holds the stories that the official SDK for Go tells about the sandbox.
package sdk

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85"
)

var (
	base   = os.Getenv("SANDBOX_URL")
	client = newClient("sk_test_story")
	ctx    = context.Background()
)

func newClient(key string) *stripe.Client {
	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL:           stripe.String(base),
		LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	return stripe.NewClient(key, stripe.WithBackends(&stripe.Backends{API: backend}))
}

// must answers the value, or ends the test.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func same[T comparable](t *testing.T, found, wanted T) {
	t.Helper()
	if found != wanted {
		t.Fatalf("%v, not %v", found, wanted)
	}
}

// refused is the SDK's own error, or ends the test.
func refused(t *testing.T, err error) *stripe.Error {
	t.Helper()
	var failure *stripe.Error
	if !errors.As(err, &failure) {
		t.Fatalf("not refused: %v", err)
	}
	return failure
}

// post sends a form as a browser would, without following where it leads.
func post(t *testing.T, address string, fields url.Values) int {
	t.Helper()
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	browser := http.Client{CheckRedirect: stay}
	answer := must(browser.PostForm(address, fields))(t)
	defer answer.Body.Close()
	return answer.StatusCode
}

func pay(t *testing.T, session *stripe.CheckoutSession, number string) int {
	return post(t, session.URL, url.Values{
		"email": {"ann@example.com"}, "number": {number}, "expiry": {"12/34"},
		"cvc": {"123"}, "name": {"Ann Lee"},
	})
}

// faults lets something go wrong for the rest of a test.
func faults(t *testing.T, rules string) {
	t.Helper()
	same(t, post(t, base+"/_sandbox/faults", url.Values{"faults": {rules}}), http.StatusOK)
	t.Cleanup(func() { post(t, base+"/_sandbox/faults", url.Values{"faults": {"none"}}) })
}

type delivery struct {
	body      []byte
	signature string
}

// receiver is a merchant's webhook endpoint.
func receiver(t *testing.T) (string, func() delivery) {
	came := make(chan delivery, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came <- delivery{body, r.Header.Get("Stripe-Signature")}
	}))
	t.Cleanup(server.Close)
	return server.URL + "/webhook", func() delivery {
		select {
		case next := <-came:
			return next
		case <-time.After(20 * time.Second):
			t.Fatal("no delivery came")
			return delivery{}
		}
	}
}

func monthly(t *testing.T, amount int64) *stripe.Price {
	t.Helper()
	return must(client.V1Prices.Create(ctx, &stripe.PriceCreateParams{
		Currency:    stripe.String("jpy"),
		UnitAmount:  stripe.Int64(amount),
		Recurring:   &stripe.PriceCreateRecurringParams{Interval: stripe.String("month")},
		ProductData: &stripe.PriceCreateProductDataParams{Name: stripe.String("Box")},
	}))(t)
}

func subscriber(t *testing.T, clock *string) *stripe.Customer {
	t.Helper()
	card := stripe.String("pm_card_visa")
	return must(client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{
		PaymentMethod:   card,
		InvoiceSettings: &stripe.CustomerCreateInvoiceSettingsParams{DefaultPaymentMethod: card},
		TestClock:       clock,
	}))(t)
}

func subscribe(t *testing.T, customer *stripe.Customer, expand ...string) *stripe.Subscription {
	t.Helper()
	price := monthly(t, 900)
	return must(client.V1Subscriptions.Create(ctx, &stripe.SubscriptionCreateParams{
		Customer: stripe.String(customer.ID),
		Items:    []*stripe.SubscriptionCreateItemParams{{Price: stripe.String(price.ID)}},
		Expand:   stripe.StringSlice(expand),
	}))(t)
}

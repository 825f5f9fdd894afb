package sdk

import (
	"fmt"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"
)

func fresh(t *testing.T) *string {
	return stripe.String(fmt.Sprintf("%s%d@example.com", t.Name(), time.Now().UnixNano()))
}

func TestPagesTurnByThemselvesInBothDirections(t *testing.T) {
	email, made := fresh(t), []string{}
	for range 5 {
		customer := must(client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Email: email}))(t)
		made = append(made, customer.ID)
	}
	list := func(before *string) (found []string) {
		params := &stripe.CustomerListParams{Email: email}
		params.Limit, params.EndingBefore = stripe.Int64(2), before
		for customer, err := range client.V1Customers.List(ctx, params).All(ctx) {
			found = append(found, must(customer, err)(t).ID)
		}
		return found
	}
	for i, id := range list(nil) {
		same(t, id, made[4-i])
	}
	back := list(&made[0])
	same(t, len(back), 4)
	for i, id := range back {
		same(t, id, made[i+1])
	}
}

func TestTheSameRequestIsDoneOnce(t *testing.T) {
	params := &stripe.CustomerCreateParams{Email: fresh(t)}
	params.IdempotencyKey = fresh(t)
	first := must(client.V1Customers.Create(ctx, params))(t)
	again := must(client.V1Customers.Create(ctx, params))(t)
	same(t, again.ID, first.ID)
	same(t, again.LastResponse.Header.Get("Idempotent-Replayed"), "true")
	params.Email = stripe.String("other@example.com")
	_, err := client.V1Customers.Create(ctx, params)
	same(t, refused(t, err).Type, stripe.ErrorTypeIdempotency)
}

func TestEachErrorHasItsPlace(t *testing.T) {
	_, err := client.V1Customers.Retrieve(ctx, "cus_nobody", nil)
	missing := refused(t, err)
	same(t, missing.HTTPStatusCode, 404)
	same(t, missing.Code, stripe.ErrorCodeResourceMissing)
	same(t, missing.Param, "id")
	same(t, missing.RequestID[:4], "req_")
	params := &stripe.CustomerCreateParams{}
	params.AddExtra("colour", "red")
	_, err = client.V1Customers.Create(ctx, params)
	same(t, refused(t, err).Code, stripe.ErrorCodeParameterUnknown)
	_, err = newClient("nonsense").V1Customers.Create(ctx, nil)
	same(t, refused(t, err).HTTPStatusCode, 401)
}

func TestTheLimiterIsNotAskedTwice(t *testing.T) {
	faults(t, "rate-limit times=1 on POST /v1/customers")
	_, err := client.V1Customers.Create(ctx, nil)
	same(t, refused(t, err).Code, stripe.ErrorCodeRateLimit)
	must(client.V1Customers.Create(ctx, nil))(t)
}

func TestALockIsWaitedFor(t *testing.T) {
	faults(t, "lock-timeout times=1 on POST /v1/customers")
	must(client.V1Customers.Create(ctx, nil))(t)
}

// This SDK asks again where there was no answer, and for a lock; not for an error that it can read.
func TestAServerThatFailsIsNamed(t *testing.T) {
	faults(t, "fail-before status=503 times=1 on POST /v1/customers")
	_, err := client.V1Customers.Create(ctx, nil)
	failure := refused(t, err)
	same(t, failure.Type, stripe.ErrorTypeAPI)
	same(t, failure.HTTPStatusCode, 503)
}

func TestABrokenConnectionIsMadeAgain(t *testing.T) {
	email := fresh(t)
	faults(t, "hang-after seconds=1 times=1 on POST /v1/customers")
	made := must(client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Email: email}))(t)
	list := &stripe.CustomerListParams{Email: email}
	for customer, err := range client.V1Customers.List(ctx, list).All(ctx) {
		same(t, must(customer, err)(t).ID, made.ID)
	}
}

func TestADeliveryPassesTheSDKsOwnCheck(t *testing.T) {
	address, next := receiver(t)
	endpoint := must(client.V1WebhookEndpoints.Create(ctx, &stripe.WebhookEndpointCreateParams{
		URL:           stripe.String(address),
		EnabledEvents: stripe.StringSlice([]string{"customer.created"}),
		APIVersion:    stripe.String(stripe.APIVersion),
	}))(t)
	made := must(client.V1Customers.Create(ctx, &stripe.CustomerCreateParams{Email: fresh(t)}))(t)
	came := next()
	event := must(webhook.ConstructEvent(came.body, came.signature, endpoint.Secret))(t)
	same(t, event.Type, stripe.EventTypeCustomerCreated)
	same(t, event.GetObjectValue("id"), made.ID)
	_, err := webhook.ConstructEvent(append(came.body, ' '), came.signature, endpoint.Secret)
	same(t, err, webhook.ErrNoValidSignature)
	must(client.V1WebhookEndpoints.Delete(ctx, endpoint.ID, nil))(t)
}

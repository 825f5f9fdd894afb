package sdk

import (
	"net/url"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85"
)

func intent(method string, manual bool, expand ...string) (*stripe.PaymentIntent, error) {
	params := &stripe.PaymentIntentCreateParams{
		Amount: stripe.Int64(2000), Currency: stripe.String("jpy"), Confirm: stripe.Bool(true),
		PaymentMethod: stripe.String(method), ReturnURL: stripe.String("http://shop.test/back"),
		Expand: stripe.StringSlice(expand),
	}
	if manual {
		params.CaptureMethod = stripe.String("manual")
	}
	return client.V1PaymentIntents.Create(ctx, params)
}

func TestACustomerLivesThroughAllItsDays(t *testing.T) {
	params := &stripe.CustomerCreateParams{Name: stripe.String("Ann & Co")}
	params.AddMetadata("order id", "a&b")
	made := must(client.V1Customers.Create(ctx, params))(t)
	same(t, made.Metadata["order id"], "a&b")
	same(t, made.LastResponse.Header.Get("Stripe-Version"), stripe.APIVersion)
	update := &stripe.CustomerUpdateParams{Email: stripe.String("bea@example.com")}
	same(t, must(client.V1Customers.Update(ctx, made.ID, update))(t).Email, "bea@example.com")
	same(t, must(client.V1Customers.Retrieve(ctx, made.ID, nil))(t).Name, "Ann & Co")
	same(t, must(client.V1Customers.Delete(ctx, made.ID, nil))(t).Deleted, true)
}

func TestPaymentsAreHeldCapturedAndRefunded(t *testing.T) {
	paid := must(intent("pm_card_visa", false, "latest_charge.balance_transaction"))(t)
	same(t, paid.Status, stripe.PaymentIntentStatusSucceeded)
	booked := paid.LatestCharge.BalanceTransaction
	same(t, booked.Net, 2000-booked.Fee)
	held := must(intent("pm_card_visa", true))(t)
	same(t, held.Status, stripe.PaymentIntentStatusRequiresCapture)
	part := &stripe.PaymentIntentCaptureParams{AmountToCapture: stripe.Int64(700)}
	same(t, must(client.V1PaymentIntents.Capture(ctx, held.ID, part))(t).AmountReceived, int64(700))
	refund := &stripe.RefundCreateParams{PaymentIntent: stripe.String(paid.ID)}
	same(t, must(client.V1Refunds.Create(ctx, refund))(t).Amount, int64(2000))
	_, err := client.V1Refunds.Create(ctx, refund)
	same(t, refused(t, err).Code, stripe.ErrorCodeChargeAlreadyRefunded)
}

func TestTheBankAsksAndTheCustomerAnswers(t *testing.T) {
	asked := must(intent("pm_card_threeDSecure2Required", false))(t)
	same(t, asked.Status, stripe.PaymentIntentStatusRequiresAction)
	same(t, post(t, asked.NextAction.RedirectToURL.URL, url.Values{"answer": {"yes"}}), 303)
	after := must(client.V1PaymentIntents.Retrieve(ctx, asked.ID, nil))(t)
	same(t, after.Status, stripe.PaymentIntentStatusSucceeded)
}

func TestADeclinedCardNamesItsReasonAndItsIntent(t *testing.T) {
	_, err := intent("pm_card_visa_chargeDeclinedInsufficientFunds", false)
	failure := refused(t, err)
	same(t, failure.Type, stripe.ErrorTypeCard)
	same(t, failure.HTTPStatusCode, 402)
	same(t, failure.DeclineCode, stripe.DeclineCodeInsufficientFunds)
	same(t, failure.PaymentIntent.Status, stripe.PaymentIntentStatusRequiresPaymentMethod)
}

func TestACheckoutSessionIsPaidOnItsPage(t *testing.T) {
	price := monthly(t, 900)
	params := &stripe.CheckoutSessionCreateParams{
		Mode:       stripe.String("subscription"),
		SuccessURL: stripe.String("http://shop.test/thanks"),
		LineItems: []*stripe.CheckoutSessionCreateLineItemParams{
			{Price: stripe.String(price.ID), Quantity: stripe.Int64(1)},
		},
	}
	session := must(client.V1CheckoutSessions.Create(ctx, params))(t)
	same(t, pay(t, session, "4000000000000002") == 303, false)
	same(t, pay(t, session, "4242424242424242"), 303)
	look := &stripe.CheckoutSessionRetrieveParams{Expand: stripe.StringSlice([]string{"subscription"})}
	done := must(client.V1CheckoutSessions.Retrieve(ctx, session.ID, look))(t)
	same(t, done.Status, stripe.CheckoutSessionStatusComplete)
	same(t, done.Subscription.Status, stripe.SubscriptionStatusActive)
	other := must(client.V1CheckoutSessions.Create(ctx, params))(t)
	same(t, must(client.V1CheckoutSessions.Expire(ctx, other.ID, nil))(t).Status,
		stripe.CheckoutSessionStatusExpired)
}

func TestASubscriptionChangesAndEnds(t *testing.T) {
	started := subscribe(t, subscriber(t, nil), "latest_invoice.payments")
	same(t, started.Status, stripe.SubscriptionStatusActive)
	invoice := started.LatestInvoice
	same(t, invoice.Parent.SubscriptionDetails.Subscription.ID, started.ID)
	same(t, invoice.Payments.Data[0].Status, "paid")
	dearer := monthly(t, 2000)
	changed := must(client.V1Subscriptions.Update(ctx, started.ID, &stripe.SubscriptionUpdateParams{
		Items: []*stripe.SubscriptionUpdateItemParams{
			{ID: stripe.String(started.Items.Data[0].ID), Price: stripe.String(dearer.ID)},
		},
		ProrationBehavior: stripe.String("none"),
	}))(t)
	same(t, changed.Items.Data[0].Price.ID, dearer.ID)
	ending := &stripe.SubscriptionUpdateParams{CancelAtPeriodEnd: stripe.Bool(true)}
	late := must(client.V1Subscriptions.Update(ctx, started.ID, ending))(t)
	same(t, late.CancelAt, late.Items.Data[0].CurrentPeriodEnd)
	ended := must(client.V1Subscriptions.Cancel(ctx, started.ID, nil))(t)
	same(t, ended.Status, stripe.SubscriptionStatusCanceled)
}

func TestAScheduleIsMadeAndReleased(t *testing.T) {
	running := subscribe(t, subscriber(t, nil))
	plan := must(client.V1SubscriptionSchedules.Create(ctx, &stripe.SubscriptionScheduleCreateParams{
		FromSubscription: stripe.String(running.ID),
	}))(t)
	same(t, plan.Status, stripe.SubscriptionScheduleStatusActive)
	freed := must(client.V1SubscriptionSchedules.Release(ctx, plan.ID, nil))(t)
	same(t, freed.ReleasedSubscription.ID, running.ID)
}

func TestAnInvoiceByHandIsPaid(t *testing.T) {
	customer := stripe.String(subscriber(t, nil).ID)
	must(client.V1InvoiceItems.Create(ctx, &stripe.InvoiceItemCreateParams{
		Customer: customer, Amount: stripe.Int64(1200), Currency: stripe.String("jpy"),
	}))(t)
	draft := must(client.V1Invoices.Create(ctx, &stripe.InvoiceCreateParams{
		Customer: customer, PendingInvoiceItemsBehavior: stripe.String("include"),
	}))(t)
	same(t, draft.AmountDue, int64(1200))
	must(client.V1Invoices.FinalizeInvoice(ctx, draft.ID, nil))(t)
	paid := must(client.V1Invoices.Pay(ctx, draft.ID, nil))(t)
	same(t, paid.Status, stripe.InvoiceStatusPaid)
}

func TestAPortalSessionHasAPage(t *testing.T) {
	session := must(client.V1BillingPortalSessions.Create(ctx,
		&stripe.BillingPortalSessionCreateParams{
			Customer:  stripe.String(subscriber(t, nil).ID),
			ReturnURL: stripe.String("http://shop.test/account"),
		}))(t)
	same(t, session.URL[:len(base)], base)
}

func TestAMonthPassesOnATestClock(t *testing.T) {
	clock := must(client.V1TestHelpersTestClocks.Create(ctx,
		&stripe.TestHelpersTestClockCreateParams{FrozenTime: stripe.Int64(time.Now().Unix())}))(t)
	running := subscribe(t, subscriber(t, stripe.String(clock.ID)))
	to := running.Items.Data[0].CurrentPeriodEnd + 7200
	advance := &stripe.TestHelpersTestClockAdvanceParams{FrozenTime: stripe.Int64(to)}
	clock = must(client.V1TestHelpersTestClocks.Advance(ctx, clock.ID, advance))(t)
	for clock.Status == "advancing" {
		time.Sleep(50 * time.Millisecond)
		clock = must(client.V1TestHelpersTestClocks.Retrieve(ctx, clock.ID, nil))(t)
	}
	same(t, clock.FrozenTime, to)
	list := &stripe.InvoiceListParams{Subscription: stripe.String(running.ID)}
	count := 0
	for invoice, err := range client.V1Invoices.List(ctx, list).All(ctx) {
		same(t, must(invoice, err)(t).Status, stripe.InvoiceStatusPaid)
		count++
	}
	same(t, count, 2)
}

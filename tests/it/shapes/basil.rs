//! basil (2025-03-31): periods, parents, payments, discounts, taxes.

use serde_json::{Value, json};
use stripegym_core::checkout::CheckoutSession;
use stripegym_core::invoice::{Invoice, InvoiceLine, InvoiceLineKind};
use stripegym_core::invoice_item::InvoiceItem;
use stripegym_core::object::Field;
use stripegym_core::payment_intent::PaymentIntent;
use stripegym_core::subscription::{BillingModeType, Subscription};

use super::{texts, view};

#[test]
fn basil_moved_periods_to_the_items() {
    let before = json!({ "current_period_start": 10, "current_period_end": 20,
        "items": { "data": [{ "id": "si_1" }] } });
    let after = json!({ "items": { "data": [
        { "id": "si_1", "current_period_start": 10, "current_period_end": 20 } ] } });
    for json in [before, after] {
        let subscription: Subscription = view(json);
        assert_eq!(subscription.current_period_start(), Ok(10));
        assert_eq!(subscription.current_period_end(), Ok(20));
        assert_eq!(subscription.items().unwrap().data().len(), 1);
    }
}

#[test]
fn where_items_differ_the_period_ends_with_the_first_that_is_renewed() {
    let subscription: Subscription = view(json!({ "items": { "data": [
        { "current_period_start": 0, "current_period_end": 365 },
        { "current_period_start": 30, "current_period_end": 60 },
    ] } }));
    assert_eq!(subscription.current_period_start(), Ok(30));
    assert_eq!(subscription.current_period_end(), Ok(60));
    let none: Subscription = view(json!({ "items": { "data": [] } }));
    let said = none.current_period_end().unwrap_err().to_string();
    assert_eq!(said, "subscription.items.data.current_period_end is absent");
    let odd: Subscription = view(json!({ "items": { "data": [{ "current_period_end": "x" }] } }));
    let said = odd.current_period_end().unwrap_err().to_string();
    assert!(
        said.starts_with("subscription.items.data.current_period_end should be"),
        "{said}"
    );
}

#[test]
fn basil_made_discounts_a_list() {
    let before = json!({ "discount": { "id": "di_1", "object": "discount" } });
    let after = json!({ "discounts": ["di_1"] });
    let expanded = json!({ "discounts": [{ "id": "di_1", "object": "discount" }] });
    for (json, in_full) in [(before, 1), (after, 0), (expanded, 1)] {
        let subscription: Subscription = view(json.clone());
        assert_eq!(texts(&subscription.discount_ids().unwrap()), ["di_1"]);
        assert_eq!(subscription.discount_objects().unwrap().len(), in_full);
        let invoice: Invoice = view(json);
        assert_eq!(texts(&invoice.discount_ids().unwrap()), ["di_1"]);
    }
    let none: Invoice = view(json!({ "discount": null, "discounts": [] }));
    assert_eq!(none.discount_ids(), Ok(vec![]));
}

#[test]
fn basil_put_the_subscription_of_an_invoice_into_its_parent() {
    let parent = |subscription: Value| {
        json!({ "parent": { "type": "subscription_details", "quote_details": null,
            "subscription_details": { "subscription": subscription, "metadata": { "k": "v" } } } })
    };
    let whole = json!({ "id": "sub_1", "object": "subscription", "status": "active" });
    let details = json!({ "metadata": { "k": "v" } });
    let old = |subscription: &Value| json!({ "subscription": subscription, "subscription_details": details });
    for (json, in_full) in [
        (old(&json!("sub_1")), false),
        (old(&whole), true),
        (parent(json!("sub_1")), false),
        (parent(whole.clone()), true),
    ] {
        let invoice: Invoice = view(json);
        let id = invoice.subscription_id().unwrap().unwrap();
        assert_eq!(id.as_str(), "sub_1");
        assert_eq!(invoice.subscription_object().unwrap().is_some(), in_full);
        assert_eq!(invoice.subscription_metadata().unwrap().unwrap()["k"], "v");
    }
    for none in [json!({ "subscription": null }), json!({ "parent": null })] {
        let invoice: Invoice = view(none);
        assert_eq!(invoice.subscription_id(), Ok(None));
        assert_eq!(invoice.subscription_metadata(), Ok(None));
    }
}

#[test]
fn basil_replaced_the_payment_of_an_invoice_by_a_list_of_payments() {
    let payment = |intent: Value| {
        json!({ "payments": { "object": "list", "data": [
            { "object": "invoice_payment", "status": "open", "is_default": true,
              "payment": { "type": "payment_intent", "payment_intent": intent } },
            { "object": "invoice_payment", "status": "paid",
              "payment": { "type": "charge", "charge": "ch_1" } },
        ] } })
    };
    let whole = json!({ "id": "pi_1", "object": "payment_intent" });
    for (json, in_full) in [
        (json!({ "payment_intent": "pi_1", "charge": "ch_1" }), 0),
        (
            json!({ "payment_intent": whole, "charge": { "id": "ch_1" } }),
            1,
        ),
        (payment(json!("pi_1")), 0),
        (payment(whole.clone()), 1),
    ] {
        let invoice: Invoice = view(json);
        assert_eq!(texts(&invoice.payment_intents().unwrap()), ["pi_1"]);
        assert_eq!(texts(&invoice.charges().unwrap()), ["ch_1"]);
        assert_eq!(invoice.payment_intent_objects().unwrap().len(), in_full);
    }
    let nothing_to_pay: Invoice = view(json!({ "payment_intent": null, "charge": null }));
    assert_eq!(nothing_to_pay.payment_intents(), Ok(vec![]));
    let unexpanded: Invoice = view(json!({ "id": "in_1" }));
    let said = unexpanded.payment_intents().unwrap_err().to_string();
    assert_eq!(said, "invoice.payments.data is absent");
    assert!(matches!(unexpanded.payments(), Ok(Field::Absent)));
}

#[test]
fn basil_gave_invoices_a_confirmation_secret() {
    for (json, expected) in [
        (
            json!({ "payment_intent": { "id": "pi_1", "client_secret": "s" } }),
            Field::Value("s"),
        ),
        (json!({ "payment_intent": "pi_1" }), Field::Absent),
        (json!({ "payment_intent": null }), Field::Null),
        (
            json!({ "confirmation_secret": { "client_secret": "s" } }),
            Field::Value("s"),
        ),
        (json!({ "confirmation_secret": null }), Field::Null),
        (json!({}), Field::Absent),
    ] {
        let invoice: Invoice = view(json);
        assert_eq!(invoice.client_secret(), Ok(expected));
    }
}

#[test]
fn basil_says_paid_by_the_status_alone() {
    for (json, expected) in [
        (json!({ "paid": true, "status": "paid" }), true),
        (json!({ "paid": false, "status": "open" }), false),
        (json!({ "status": "paid" }), true),
        (json!({ "status": "open" }), false),
        (json!({ "status": "beyond_our_ken" }), false),
    ] {
        assert_eq!(view::<Invoice>(json).is_paid(), Ok(expected));
    }
}

#[test]
fn basil_lists_taxes_under_another_name() {
    for (json, expected) in [
        (
            json!({ "tax": 80, "total_tax_amounts": [{ "amount": 80 }] }),
            80,
        ),
        (json!({ "tax": null, "total_tax_amounts": [] }), 0),
        (
            json!({ "total_taxes": [{ "amount": 50 }, { "amount": 30 }] }),
            80,
        ),
        (json!({ "total_taxes": null }), 0),
    ] {
        assert_eq!(view::<Invoice>(json).tax_total(), Ok(expected));
    }
    for line in [
        json!({ "tax_amounts": [{ "amount": 8 }] }),
        json!({ "taxes": [{ "amount": 8 }] }),
    ] {
        assert_eq!(view::<InvoiceLine>(line).tax_total(), Ok(8));
    }
}

#[test]
fn basil_gave_lines_a_parent_and_a_pricing() {
    let before = json!({
        "type": "subscription", "proration": true, "subscription": "sub_1",
        "subscription_item": "si_1", "invoice_item": "ii_1",
        "price": { "id": "price_1", "object": "price", "product": "prod_1" },
        "plan": { "id": "price_1", "product": "prod_1" },
    });
    let older = json!({
        "type": "subscription", "proration": true, "subscription": "sub_1",
        "subscription_item": "si_1", "invoice_item": "ii_1", "price": null,
        "plan": { "id": "price_1", "product": { "id": "prod_1" } },
    });
    let after = |price: Value| {
        json!({
            "parent": { "type": "subscription_item_details", "invoice_item_details": null,
                "subscription_item_details": { "proration": true, "subscription": "sub_1",
                    "subscription_item": "si_1", "invoice_item": "ii_1" } },
            "pricing": { "type": "price_details",
                "price_details": { "price": price, "product": "prod_1" } },
        })
    };
    for json in [
        before,
        older,
        after(json!("price_1")),
        after(json!({ "id": "price_1" })),
    ] {
        let line: InvoiceLine = view(json);
        assert_eq!(line.kind(), Ok(Some(InvoiceLineKind::SubscriptionItem)));
        assert_eq!(line.price_id().unwrap().unwrap().as_str(), "price_1");
        assert_eq!(line.product_id().unwrap().unwrap().as_str(), "prod_1");
        assert_eq!(line.is_proration(), Ok(true));
        assert_eq!(line.subscription_id().unwrap().unwrap().as_str(), "sub_1");
        assert_eq!(
            line.subscription_item_id().unwrap().unwrap().as_str(),
            "si_1"
        );
        assert_eq!(line.invoice_item_id().unwrap().unwrap().as_str(), "ii_1");
    }
}

#[test]
fn a_line_from_an_invoice_item_reads_in_both_shapes() {
    let before = json!({ "type": "invoiceitem", "proration": false, "invoice_item": "ii_1",
        "subscription": null, "price": null, "plan": null });
    let after = json!({ "pricing": null, "parent": { "type": "invoice_item_details",
        "subscription_item_details": null,
        "invoice_item_details": { "invoice_item": "ii_1", "proration": false, "subscription": null } } });
    for json in [before, after] {
        let line: InvoiceLine = view(json);
        assert_eq!(line.kind(), Ok(Some(InvoiceLineKind::InvoiceItem)));
        assert_eq!(line.invoice_item_id().unwrap().unwrap().as_str(), "ii_1");
        assert_eq!(
            (line.is_proration(), line.price_id()),
            (Ok(false), Ok(None))
        );
        assert_eq!(
            (line.subscription_id(), line.subscription_item_id()),
            (Ok(None), Ok(None))
        );
    }
}

#[test]
fn basil_gave_invoice_items_the_same() {
    for json in [
        json!({ "subscription": "sub_1", "price": { "id": "price_1" } }),
        json!({ "parent": { "subscription_details": { "subscription": "sub_1" } },
            "pricing": { "price_details": { "price": "price_1" } } }),
    ] {
        let item: InvoiceItem = view(json);
        assert_eq!(item.subscription_id().unwrap().unwrap().as_str(), "sub_1");
        assert_eq!(item.price_id().unwrap().unwrap().as_str(), "price_1");
    }
}

#[test]
fn basil_took_the_invoice_from_the_payment_intent() {
    let before: PaymentIntent = view(json!({ "invoice": "in_1" }));
    assert_eq!(before.invoice().unwrap().unwrap().0.as_str(), "in_1");
    let after: PaymentIntent = view(json!({}));
    assert_eq!(after.invoice(), Ok(None));
}

#[test]
fn basil_collects_shipping_details_with_the_rest() {
    for json in [
        json!({ "shipping_details": { "name": "花子" } }),
        json!({ "collected_information": { "shipping_details": { "name": "花子" } } }),
    ] {
        let session: CheckoutSession = view(json);
        assert_eq!(session.shipping_details().unwrap().unwrap()["name"], "花子");
    }
    let none: CheckoutSession = view(json!({ "collected_information": null }));
    assert_eq!(none.shipping_details(), Ok(None));
}

#[test]
fn the_billing_mode_was_a_text_before_it_was_an_object() {
    for json in [
        json!({ "billing_mode": "flexible" }),
        json!({ "billing_mode": { "type": "flexible", "updated_at": 1 } }),
    ] {
        let subscription: Subscription = view(json);
        assert_eq!(
            subscription.billing_mode(),
            Ok(Some(BillingModeType::Flexible))
        );
    }
    assert_eq!(view::<Subscription>(json!({})).billing_mode(), Ok(None));
}

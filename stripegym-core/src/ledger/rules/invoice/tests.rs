use super::*;
use crate::invoice_payment::InvoicePayment;
use crate::ledger::rules::tests::{lines, view};
use serde_json::{Value, json};

/// Paid with 2000 yen, tax included. Since basil.
fn invoice(changes: &Value) -> Invoice {
    view(
        json!({
            "id": "in_1", "object": "invoice", "status": "paid", "currency": "jpy",
            "customer": "cus_1", "total": 2000, "amount_paid": 2000, "starting_balance": 0,
            "ending_balance": 0, "total_excluding_tax": 1819,
            "total_taxes": [{ "amount": 181 }], "amount_overpaid": 0,
            "pre_payment_credit_notes_amount": 0, "status_transitions": { "paid_at": 6 },
        }),
        changes,
    )
}

/// The same before basil.
fn old_invoice(changes: &Value) -> Invoice {
    let mut json = json!({
        "id": "in_1", "object": "invoice", "status": "paid", "currency": "jpy",
        "customer": "cus_1", "total": 2000, "amount_paid": 2000, "starting_balance": 0,
        "ending_balance": 0, "total_excluding_tax": 1819, "tax": 181,
        "paid": true, "paid_out_of_band": false, "payment_intent": "pi_1", "charge": "ch_1",
        "subscription": "sub_1", "status_transitions": { "paid_at": 6 },
    });
    for (key, value) in changes.as_object().unwrap() {
        json[key] = value.clone();
    }
    view(json, &json!({}))
}

fn payment(number: u32, changes: &Value) -> InvoicePayment {
    view(
        json!({
            "id": format!("inpay_{number}"), "object": "invoice_payment", "invoice": "in_1",
            "status": "paid", "amount_paid": 2000, "amount_requested": 2000, "currency": "jpy",
            "payment": { "type": "payment_intent", "payment_intent": format!("pi_{number}") },
        }),
        changes,
    )
}

fn booked(changes: &Value, payments: &[InvoicePayment]) -> Vec<(&'static str, i64)> {
    let booked = invoice_paid(&invoice(changes), KnownPayments::All(payments), 7).unwrap();
    lines(booked.as_ref())
}

fn reason(invoice: &Invoice, payments: KnownPayments<'_>) -> String {
    invoice_paid(invoice, payments, 7).unwrap_err().to_string()
}

#[test]
fn a_paid_invoice_debits_clearing_by_its_payment() {
    let payments = [payment(1, &json!({}))];
    let invoice = invoice(&json!({}));
    for known in [
        KnownPayments::All(&payments),
        KnownPayments::Some(&payments),
    ] {
        let booked = invoice_paid(&invoice, known, 7).unwrap().unwrap();
        assert_eq!(booked.key().rule, "invoice_paid");
        assert_eq!(booked.key().object_id, "in_1");
        assert_eq!(booked.occurred_at(), 6);
        assert_eq!(booked.customer().unwrap().as_str(), "cus_1");
        assert_eq!(booked.postings()[0].match_ref.as_deref(), Some("pi_1"));
        assert_eq!(
            lines(Some(&booked)),
            [("stripe:clearing", 2000), ("sales", -1819), ("tax", -181)]
        );
    }
}

#[test]
fn before_basil_the_invoice_itself_names_its_payment() {
    let reference = |changes: &Value| {
        let told = KnownPayments::Some(&[]);
        let booked = invoice_paid(&old_invoice(changes), told, 7).unwrap();
        let booked = booked.unwrap();
        assert_eq!(
            lines(Some(&booked)),
            [("stripe:clearing", 2000), ("sales", -1819), ("tax", -181)]
        );
        booked.postings()[0].match_ref.clone().unwrap()
    };
    assert_eq!(reference(&json!({})), "pi_1");
    assert_eq!(
        reference(&json!({ "payment_intent": { "id": "pi_2" } })),
        "pi_2"
    );
    assert_eq!(reference(&json!({ "payment_intent": null })), "ch_1");
}

#[test]
fn before_basil_money_from_outside_is_told_by_the_invoice() {
    let outside = old_invoice(&json!({ "paid_out_of_band": true }));
    let booked = invoice_paid(&outside, KnownPayments::Some(&[]), 7).unwrap();
    assert_eq!(
        lines(booked.as_ref()),
        [("out_of_band", 2000), ("sales", -1819), ("tax", -181)]
    );
    let nobody = old_invoice(&json!({ "payment_intent": null, "charge": null }));
    assert_eq!(
        reason(&nobody, KnownPayments::All(&[])),
        "the paid invoice names neither payment intent nor charge"
    );
}

#[test]
fn several_payments_each_have_their_line_whatever_order_they_are_told_in() {
    let first = payment(1, &json!({ "amount_paid": 500 }));
    let charge = json!({ "type": "charge", "charge": "ch_2" });
    let second = payment(2, &json!({ "amount_paid": 300, "payment": charge }));
    let record = json!({ "type": "payment_record", "payment_record": "pr_3" });
    let third = payment(3, &json!({ "amount_paid": 1200, "payment": record }));
    let canceled = payment(4, &json!({ "status": "canceled", "amount_paid": null }));
    let told = [&first, &second, &third, &canceled].map(Clone::clone);
    let again = [&third, &canceled, &second, &first, &third].map(Clone::clone);
    let invoice = invoice(&json!({}));
    let booked = invoice_paid(&invoice, KnownPayments::All(&told), 7).unwrap();
    assert_eq!(
        lines(booked.as_ref()),
        [
            ("stripe:clearing", 300),
            ("stripe:clearing", 500),
            ("out_of_band", 1200),
            ("sales", -1819),
            ("tax", -181)
        ]
    );
    let references = booked.as_ref().unwrap().postings()[..2].iter();
    let references: Vec<_> = references.map(|line| line.match_ref.as_deref()).collect();
    assert_eq!(references, [Some("ch_2"), Some("pi_1")]);
    let shuffled = invoice_paid(&invoice, KnownPayments::Some(&again), 7).unwrap();
    assert_eq!(booked, shuffled);
}

#[test]
fn until_all_payments_are_known_it_waits() {
    let part = payment(1, &json!({ "amount_paid": 500 }));
    let open = payment(2, &json!({ "status": "open", "amount_paid": null }));
    let one = [part.clone()];
    let two = [part, open];
    for (known, sum) in [
        (KnownPayments::Some(&[]), 0),
        (KnownPayments::Some(&one), 500),
        // Read too early: it may be about to be paid.
        (KnownPayments::All(&two), 500),
    ] {
        assert_eq!(
            reason(&invoice(&json!({})), known),
            format!("of 2000 JPY paid on the invoice, payments of only {sum} JPY are known")
        );
    }
}

#[test]
fn what_no_payment_of_stripes_brought_came_from_elsewhere() {
    let gone = [payment(
        1,
        &json!({ "status": "canceled", "amount_paid": null }),
    )];
    let outside = [("out_of_band", 2000), ("sales", -1819), ("tax", -181)];
    assert_eq!(booked(&json!({}), &gone), outside);
    assert_eq!(booked(&json!({}), &[]), outside);
    let part = [payment(1, &json!({ "amount_paid": 500 }))];
    assert_eq!(
        booked(&json!({}), &part)[..2],
        [("stripe:clearing", 500), ("out_of_band", 1500)]
    );
}

#[test]
fn the_customers_balance_pays_takes_and_carries() {
    let part = [payment(1, &json!({ "amount_paid": 1500 }))];
    let credit = json!({ "starting_balance": -500, "amount_paid": 1500 });
    assert_eq!(
        booked(&credit, &part)[..2],
        [("stripe:clearing", 1500), ("customer_credit", 500)],
        "credit pays"
    );
    let more = [payment(1, &json!({ "amount_paid": 2020 }))];
    let carried = json!({ "starting_balance": 20, "amount_paid": 2020 });
    assert_eq!(
        booked(&carried, &more)[..2],
        [("stripe:clearing", 2020), ("customer_credit", -20)],
        "what was carried is paid with the next invoice"
    );
    let small = json!({
        "total": 30, "amount_paid": 0, "ending_balance": 30, "total_excluding_tax": 30,
        "total_taxes": [],
    });
    assert_eq!(
        booked(&small, &[]),
        [("customer_credit", 30), ("sales", -30)],
        "less than Stripe charges is carried"
    );
    let negative = json!({
        "total": -550, "amount_paid": 0, "ending_balance": -550, "total_excluding_tax": -500,
        "total_taxes": [{ "amount": -50 }],
    });
    assert_eq!(
        booked(&negative, &[]),
        [("customer_credit", -550), ("sales", 500), ("tax", 50)],
        "a negative total is given to the customer"
    );
}

#[test]
fn nothing_to_pay_or_not_paid_posts_nothing() {
    let free = json!({
        "total": 0, "amount_paid": 0, "total_excluding_tax": 0, "total_taxes": [],
    });
    assert_eq!(booked(&free, &[]), []);
    for status in ["draft", "open", "void", "uncollectible", "melted"] {
        assert_eq!(booked(&json!({ "status": status }), &[]), [], "{status}");
    }
}

#[test]
fn an_invoice_that_does_not_say_when_it_was_paid_was_paid_when_it_was_told() {
    let paid = invoice(&json!({ "status_transitions": { "paid_at": null } }));
    let booked = invoice_paid(&paid, KnownPayments::All(&[]), 7).unwrap();
    assert_eq!(booked.unwrap().occurred_at(), 7);
}

#[test]
fn what_does_not_add_up_is_refused_and_named() {
    for (changes, because) in [
        (
            json!({ "pre_payment_credit_notes_amount": 500, "amount_paid": 1500 }),
            "there is no rule for pre_payment_credit_notes_amount: 500 JPY",
        ),
        (
            json!({ "amount_overpaid": 5 }),
            "there is no rule for amount_overpaid: 5 JPY",
        ),
        (
            json!({ "amount_paid": 1999 }),
            "total is 2000 JPY, but what belongs to it makes 1999 JPY",
        ),
        (
            json!({ "total_excluding_tax": 1800 }),
            "total_excluding_tax is 1800 JPY, but what belongs to it makes 1819 JPY",
        ),
        (
            json!({ "amount_paid": -1 }),
            "amount_paid is negative: -1 JPY",
        ),
        (
            json!({ "total": i64::MAX, "total_taxes": [{ "amount": -1 }] }),
            "total is 9223372036854775807 JPY, but what belongs to it makes 2000 JPY",
        ),
    ] {
        assert_eq!(reason(&invoice(&changes), KnownPayments::All(&[])), because);
    }
}

#[test]
fn payments_that_cannot_be_this_invoices_are_refused() {
    let too_much = [payment(1, &json!({ "amount_paid": 2001 }))];
    let foreign = [payment(1, &json!({ "invoice": "in_2" }))];
    let unknown = [payment(1, &json!({ "payment": { "type": "gold" } }))];
    let nameless = [payment(
        1,
        &json!({ "payment": { "type": "charge", "charge": null } }),
    )];
    let dollars = [payment(1, &json!({ "currency": "usd" }))];
    let twins = [
        payment(1, &json!({})),
        payment(1, &json!({ "amount_paid": 1000 })),
    ];
    for (payments, because) in [
        (
            &too_much[..],
            "amount_paid is 2000 JPY, but what belongs to it makes 2001 JPY",
        ),
        (&foreign, "a payment of another invoice is among this one's"),
        (&unknown, "there is no rule for the type gold"),
        (
            &nameless,
            "the invoice payment names neither payment intent nor charge",
        ),
        (&dollars, "the amounts do not fit"),
        (
            &twins,
            "amount_paid of an invoice payment told twice is 1000 JPY, \
             but what belongs to it makes 2000 JPY",
        ),
    ] {
        let told = KnownPayments::All(payments);
        assert_eq!(reason(&invoice(&json!({})), told), because);
    }
}

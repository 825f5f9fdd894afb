//! Sales whose money was set aside first and taken later.
//! <https://docs.stripe.com/payments/place-a-hold-on-a-payment-method>

use crate::ledger::rules::{Sale, not_negative};
use crate::ledger::{RuleError, Transaction};
use crate::money::Amount;
use crate::object::Expandable;
use crate::payment_intent::{CaptureMethod, PaymentIntent, PaymentIntentStatus};

/// A Payment Intent whose money was captured by hand: what was received goes
/// to clearing, against sales and tax.
///
/// Its Checkout Session was `unpaid` when it completed, so the session's event
/// booked nothing. The key is that of [`checkout_paid`](super::checkout_paid):
/// whoever tells of the sale first, it is booked once. Any other Payment
/// Intent posts nothing: sessions and invoices tell of those.
///
/// # Errors
/// When it lacks what a booking needs, or when only a part was captured and
/// there is tax in it: Stripe does not say how much; see [`RuleError`].
pub fn payment_captured(
    intent: &PaymentIntent,
    occurred_at: i64,
) -> Result<Option<Transaction>, RuleError> {
    let booked_here = intent.capture_method()? == CaptureMethod::Manual
        && intent.status()? == PaymentIntentStatus::Succeeded
        && intent.invoice()?.is_none();
    if !booked_here {
        return Ok(None);
    }
    let currency = intent.currency()?;
    let received = intent.object().get("amount_received")?;
    let received = not_negative("amount_received", Amount::new(received, currency))?;
    if received.is_zero() {
        return Ok(None);
    }
    let tax = Amount::new(intent.tax_total()?.unwrap_or(0), currency);
    let asked = intent.total()?;
    if received != asked && !tax.is_zero() {
        return Err(RuleError::PartialCaptureWithTax { received, asked });
    }
    let sale = Sale {
        payment_intent: &intent.payment_intent_id()?,
        customer: intent.customer()?.map(|Expandable(id)| id),
        total: received,
        tax,
        fields: (
            "amount_received without tax",
            "amount_details.tax.total_tax_amount",
        ),
    };
    sale.booked(occurred_at).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::rules::tests::{lines, view};
    use serde_json::{Value, json};

    fn intent(changes: &Value) -> PaymentIntent {
        view(
            json!({
                "id": "pi_1", "object": "payment_intent", "capture_method": "manual",
                "status": "succeeded", "amount": 4980, "amount_received": 4980,
                "currency": "jpy", "customer": "cus_1",
            }),
            changes,
        )
    }

    fn booked(changes: &Value) -> Result<Vec<(&'static str, i64)>, RuleError> {
        payment_captured(&intent(changes), 7).map(|booked| lines(booked.as_ref()))
    }

    #[test]
    fn what_was_captured_is_a_sale_under_the_payment_intent() {
        let booked = payment_captured(&intent(&json!({})), 7).unwrap().unwrap();
        assert_eq!(booked.key().rule, "checkout_paid");
        assert_eq!(booked.key().object_id, "pi_1");
        assert_eq!(booked.postings()[0].match_ref.as_deref(), Some("pi_1"));
        assert_eq!(
            lines(Some(&booked)),
            [("stripe:clearing", 4980), ("sales", -4980)]
        );
    }

    #[test]
    fn of_a_part_only_the_part_is_booked() {
        assert_eq!(
            booked(&json!({ "amount_received": 3000 })),
            Ok(vec![("stripe:clearing", 3000), ("sales", -3000)])
        );
    }

    #[test]
    fn tax_is_split_from_sales_unless_nobody_says_how_much_of_a_part_it_is() {
        let tax = json!({ "tax": { "total_tax_amount": 452 } });
        assert_eq!(
            booked(&json!({ "amount_details": tax })),
            Ok(vec![
                ("stripe:clearing", 4980),
                ("sales", -4528),
                ("tax", -452)
            ])
        );
        let error = booked(&json!({ "amount_details": tax, "amount_received": 3000 })).unwrap_err();
        assert_eq!(
            error.to_string(),
            "3000 JPY of 4980 JPY were captured, and how much of that is tax is not told"
        );
    }

    #[test]
    fn other_payment_intents_post_nothing() {
        for changes in [
            json!({ "capture_method": "automatic_async" }),
            json!({ "capture_method": "automatic" }),
            json!({ "status": "requires_capture" }),
            json!({ "status": "canceled" }),
            json!({ "invoice": "in_1" }),
            json!({ "amount_received": 0 }),
        ] {
            assert_eq!(booked(&changes), Ok(vec![]), "{changes}");
        }
    }
}

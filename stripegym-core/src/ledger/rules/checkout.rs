//! Sales through Checkout Sessions.

use crate::checkout::{CheckoutMode, CheckoutSession, PaymentStatus};
use crate::ledger::rules::{Sale, not_negative};
use crate::ledger::{RuleError, Transaction};
use crate::money::Amount;
use crate::object::Expandable;

/// A paid Checkout Session in payment mode: the customer's payment goes to
/// clearing, against sales and tax.
///
/// Sessions that make an invoice are booked from `invoice.paid` instead, or a
/// sale would count twice. A total of zero posts nothing.
///
/// # Errors
/// When the session lacks what a booking needs; see [`RuleError`].
pub fn checkout_paid(
    session: &CheckoutSession,
    occurred_at: i64,
) -> Result<Option<Transaction>, RuleError> {
    let booked_here = session.mode()? == CheckoutMode::Payment
        && session.payment_status()? == PaymentStatus::Paid
        && !session.invoice_creation()?.unwrap_or(false);
    if !booked_here {
        return Ok(None);
    }
    let currency = session.currency()?;
    let total = not_negative(
        "amount_total",
        Amount::new(session.amount_total()?, currency),
    )?;
    if total.is_zero() {
        return Ok(None);
    }
    let Some(Expandable(payment_intent)) = session.payment_intent()? else {
        return Err(RuleError::NoPaymentIntent);
    };
    let sale = Sale {
        payment_intent: &payment_intent,
        customer: session.customer()?.map(|Expandable(id)| id),
        total,
        tax: Amount::new(session.amount_tax()?.unwrap_or(0), currency),
        fields: ("amount_total without tax", "total_details.amount_tax"),
    };
    sale.booked(occurred_at).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Account, Posting};
    use crate::money::Currency;
    use crate::object::View;
    use serde_json::{Value, json};

    fn session(changes: &Value) -> CheckoutSession {
        let mut json = json!({
            "id": "cs_test_1", "object": "checkout.session", "mode": "payment",
            "status": "complete", "payment_status": "paid", "currency": "jpy",
            "amount_total": 4980, "payment_intent": "pi_1", "customer": "cus_1",
            "total_details": { "amount_tax": 0 },
        });
        for (key, value) in changes.as_object().unwrap() {
            json[key] = value.clone();
        }
        let Value::Object(map) = json else {
            unreachable!()
        };
        CheckoutSession::from_object(map)
    }

    fn lines(changes: &Value) -> Vec<(Account, i64)> {
        let booked = checkout_paid(&session(changes), 7).unwrap();
        let line = |posting: &Posting| (posting.account, posting.amount.minor());
        booked
            .map(|t| t.postings().iter().map(line).collect())
            .unwrap_or_default()
    }

    #[test]
    fn a_sale_debits_clearing_and_credits_sales() {
        let booked = checkout_paid(&session(&json!({})), 7).unwrap().unwrap();
        assert_eq!(booked.key().object_id, "pi_1");
        assert_eq!(booked.postings()[0].match_ref.as_deref(), Some("pi_1"));
        assert_eq!(
            booked.postings()[0].amount,
            Amount::new(4980, Currency::JPY)
        );
        assert_eq!(
            lines(&json!({})),
            [(Account::StripeClearing, 4980), (Account::Sales, -4980)]
        );
    }

    #[test]
    fn tax_is_split_from_sales() {
        assert_eq!(
            lines(&json!({ "total_details": { "amount_tax": 452 } })),
            [
                (Account::StripeClearing, 4980),
                (Account::Sales, -4528),
                (Account::Tax, -452)
            ]
        );
    }

    #[test]
    fn what_is_not_a_sale_of_this_rule_posts_nothing() {
        for changes in [
            json!({ "payment_status": "unpaid" }),
            json!({ "payment_status": "no_payment_required", "payment_intent": null }),
            json!({ "payment_status": "a_status_from_the_future" }),
            json!({ "mode": "subscription" }),
            json!({ "invoice_creation": { "enabled": true } }),
            json!({ "amount_total": 0 }),
        ] {
            assert_eq!(lines(&changes), [], "{changes}");
        }
    }

    #[test]
    fn what_cannot_be_booked_rightly_is_refused_with_its_reason() {
        for (changes, reason) in [
            (
                json!({ "amount_total": -5 }),
                "amount_total is negative: -5 JPY",
            ),
            (
                json!({ "total_details": { "amount_tax": 9999 } }),
                "amount_total without tax is negative: -5019 JPY",
            ),
            (
                json!({ "payment_intent": null }),
                "the session is paid but names no payment intent",
            ),
            (
                json!({ "currency": "yen!" }),
                "a field needed for the ledger is not readable",
            ),
            (
                json!({ "amount_total": 1e30 }),
                "a field needed for the ledger is not readable",
            ),
        ] {
            let error = checkout_paid(&session(&changes), 7).unwrap_err();
            assert_eq!(error.to_string(), reason);
        }
    }
}

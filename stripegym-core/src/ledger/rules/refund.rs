//! Money given back. <https://docs.stripe.com/refunds>

use crate::id::BalanceTransactionId;
use crate::ledger::{Account, Posting, PostingKey, RuleError, Transaction};
use crate::money::Amount;
use crate::object::{Expandable, Field};
use crate::refund::{Refund, RefundReason, RefundStatus};

use super::not_negative;

/// A refund: what succeeded goes from clearing to refunds.
///
/// A refund that failed or was canceled posts the refund and its reversal,
/// both, whatever was told before: so success and failure may come in any
/// order, or only one of them, and the sum is zero. One that is under way
/// posts nothing.
///
/// Nor does one that moved no money: Stripe calls it a refund, too, when money
/// that was set aside is let go, and such a refund has no balance transaction.
///
/// # Errors
/// When the refund lacks what a booking needs; see [`RuleError`].
pub fn refund(refund: &Refund, occurred_at: i64) -> Result<Vec<Transaction>, RuleError> {
    let failed = match refund.status()? {
        Some(RefundStatus::Succeeded) if moved_nothing(refund)? => return Ok(Vec::new()),
        Some(RefundStatus::Succeeded) => false,
        Some(RefundStatus::Failed | RefundStatus::Canceled) => true,
        Some(RefundStatus::Pending | RefundStatus::RequiresAction) => return Ok(Vec::new()),
        Some(RefundStatus::Unknown(status)) => return Err(RuleError::UnknownStatus(status)),
        None => return Err(RuleError::UnknownStatus("null".into())),
    };
    let amount = Amount::new(refund.amount()?, refund.currency()?);
    let amount = not_negative("amount", amount)?;
    if amount.is_zero() {
        return Ok(Vec::new());
    }
    let mut booked = vec![given_back(refund, "refund", amount, refund.created()?)?];
    if failed {
        let reversed = amount.checked_neg()?;
        booked.push(given_back(refund, "refund_failed", reversed, occurred_at)?);
    }
    Ok(booked)
}

fn moved_nothing(refund: &Refund) -> Result<bool, RuleError> {
    // `null`, not absent: only then does Stripe say that there is none.
    let booked: Field<Expandable<BalanceTransactionId>> =
        refund.object().get("balance_transaction")?;
    Ok(booked == Field::Null || refund.reason()? == Some(RefundReason::ExpiredUncapturedCharge))
}

fn given_back(
    refund: &Refund,
    rule: &'static str,
    amount: Amount,
    occurred_at: i64,
) -> Result<Transaction, RuleError> {
    let reference = reference(refund)?;
    let key = PostingKey {
        rule,
        object_id: refund.id()?.to_owned(),
    };
    let postings = vec![
        Posting::debit(Account::Refunds, amount),
        Posting::credit(Account::StripeClearing, amount)?.matching(&reference),
    ];
    let customer = refund.customer()?.value().map(|Expandable(id)| id);
    Ok(Transaction::new(key, occurred_at, customer, postings)?)
}

/// What the refund's clearing line is matched by: what the sale's was.
pub(super) fn reference(refund: &Refund) -> Result<String, RuleError> {
    if let Some(Expandable(id)) = refund.payment_intent()? {
        return Ok(id.as_str().to_owned());
    }
    match refund.charge()? {
        Some(Expandable(id)) => Ok(id.as_str().to_owned()),
        None => Err(RuleError::NoReference { what: "the refund" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::rules::tests::{lines, view};
    use serde_json::{Value, json};

    fn facts(changes: &Value) -> Refund {
        view(
            json!({
                "id": "re_1", "object": "refund", "status": "succeeded", "amount": 1000,
                "currency": "jpy", "charge": "ch_1", "payment_intent": "pi_1", "created": 5,
                "balance_transaction": "txn_1",
            }),
            changes,
        )
    }

    fn booked(changes: &Value) -> Result<Vec<Transaction>, RuleError> {
        refund(&facts(changes), 7)
    }

    #[test]
    fn a_refund_goes_from_clearing_to_refunds() {
        let booked = booked(&json!({ "customer": "cus_1" })).unwrap();
        assert_eq!(booked.len(), 1);
        assert_eq!(booked[0].key().rule, "refund");
        assert_eq!(booked[0].occurred_at(), 5);
        assert_eq!(booked[0].postings()[1].match_ref.as_deref(), Some("pi_1"));
        assert_eq!(
            lines(booked.first()),
            [("refunds", 1000), ("stripe:clearing", -1000)]
        );
    }

    #[test]
    fn without_a_payment_intent_it_is_matched_by_its_charge() {
        let booked = booked(&json!({ "payment_intent": null })).unwrap();
        assert_eq!(booked[0].postings()[1].match_ref.as_deref(), Some("ch_1"));
        let nobody = json!({ "payment_intent": null, "charge": null });
        assert_eq!(
            refund(&facts(&nobody), 7).unwrap_err().to_string(),
            "the refund names neither payment intent nor charge"
        );
    }

    #[test]
    fn a_refund_that_failed_is_booked_and_taken_back() {
        for status in ["failed", "canceled"] {
            let booked = booked(&json!({ "status": status, "balance_transaction": null })).unwrap();
            let rules: Vec<_> = booked.iter().map(|t| t.key().rule).collect();
            assert_eq!(rules, ["refund", "refund_failed"], "{status}");
            assert_eq!(booked[1].occurred_at(), 7);
            assert_eq!(
                lines(booked.get(1)),
                [("refunds", -1000), ("stripe:clearing", 1000)]
            );
        }
    }

    #[test]
    fn what_moved_no_money_posts_nothing() {
        for changes in [
            json!({ "status": "pending" }),
            json!({ "status": "requires_action" }),
            json!({ "balance_transaction": null }),
            json!({ "reason": "expired_uncaptured_charge" }),
            json!({ "amount": 0 }),
        ] {
            assert_eq!(booked(&changes), Ok(vec![]), "{changes}");
        }
    }

    #[test]
    fn what_may_or_may_not_have_moved_money_is_refused() {
        for (status, reason) in [
            (
                json!("teleported"),
                "there is no rule for the status teleported",
            ),
            (json!(null), "there is no rule for the status null"),
        ] {
            let error = booked(&json!({ "status": status })).unwrap_err();
            assert_eq!(error.to_string(), reason);
        }
    }
}

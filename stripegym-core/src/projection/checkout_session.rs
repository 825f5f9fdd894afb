//! The projection of Checkout Sessions.

use serde_json::Value;

use super::{ProjectionError, text};
use crate::checkout::{CheckoutSession, CheckoutStatus, PaymentStatus};
use crate::object::Expandable;
use crate::payment_intent::PaymentIntentStatus;
use crate::store::{CheckoutSessionRow, Owner};

/// What a session says, as a row. `livemode` comes from the event around it.
///
/// The owner is `client_reference_id`, which only the server that created the
/// session can set. A session of a Payment Link has no owner: whoever opens the
/// link can write any reference into its address.
/// <https://docs.stripe.com/payment-links/url-parameters>
pub(super) fn project(
    session: &CheckoutSession,
    livemode: bool,
) -> Result<CheckoutSessionRow, ProjectionError> {
    let amount_total = session.object().get::<Option<i64>>("amount_total")?;
    let currency = amount_total.map(|_| session.currency()).transpose()?;
    let link = session.object().json().get("payment_link");
    let owner = session
        .client_reference_id()?
        .filter(|_| link.is_none_or(Value::is_null))
        .and_then(|name| Owner::new(name).ok());
    Ok(CheckoutSessionRow {
        id: session.session_id()?,
        owner,
        customer: session.customer()?.map(|Expandable(id)| id),
        mode: session.mode()?,
        status: session.status()?.unwrap_or(CheckoutStatus::Complete),
        payment_status: session.payment_status()?,
        payment_failed: payment_failed(session)?,
        amount_total,
        currency,
        payment_intent: session.payment_intent()?.map(|Expandable(id)| id),
        subscription: session.subscription()?.map(|Expandable(id)| id),
        product_name: text(session.metadata_value("product_name")),
        created: session.created()?,
        livemode,
    })
}

/// A session does not say that a delayed payment has failed; its payment does,
/// where it was expanded.
fn payment_failed(session: &CheckoutSession) -> Result<bool, ProjectionError> {
    let is_waiting = session.status()? == Some(CheckoutStatus::Complete)
        && session.payment_status()? == PaymentStatus::Unpaid;
    let payment = session.payment_intent_object()?.filter(|_| is_waiting);
    let status = payment.map(|payment| payment.status()).transpose()?;
    Ok(matches!(
        status,
        Some(PaymentIntentStatus::RequiresPaymentMethod | PaymentIntentStatus::Canceled)
    ))
}

/// What the stored row becomes when `told` arrives, in whatever order: the
/// later of the two stations of a session's life wins, and what is known is
/// never forgotten.
pub(super) fn advance(stored: CheckoutSessionRow, told: CheckoutSessionRow) -> CheckoutSessionRow {
    let (older, newer) = if station(&told) >= station(&stored) {
        (stored, told)
    } else {
        (told, stored)
    };
    let is_paid = newer.payment_status == PaymentStatus::Paid;
    CheckoutSessionRow {
        owner: newer.owner.or(older.owner),
        customer: newer.customer.or(older.customer),
        amount_total: newer.amount_total.or(older.amount_total),
        currency: newer.currency.or(older.currency),
        payment_intent: newer.payment_intent.or(older.payment_intent),
        subscription: newer.subscription.or(older.subscription),
        product_name: newer.product_name.or(older.product_name),
        payment_failed: !is_paid && (newer.payment_failed || older.payment_failed),
        ..newer
    }
}

/// How far a session has come: open, then expired or complete, then paid.
fn station(row: &CheckoutSessionRow) -> (u8, u8) {
    let status = match row.status {
        CheckoutStatus::Open => 0,
        CheckoutStatus::Unknown(_) => 1,
        CheckoutStatus::Expired => 2,
        CheckoutStatus::Complete => 3,
    };
    let payment = match row.payment_status {
        PaymentStatus::Unpaid => 0,
        PaymentStatus::Unknown(_) => 1,
        PaymentStatus::NoPaymentRequired => 2,
        PaymentStatus::Paid => 3,
    };
    (status, payment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::View;
    use serde_json::json;

    fn row(status: &str, payment_status: &str, customer: Option<&str>) -> CheckoutSessionRow {
        let json = json!({
            "id": "cs_test_1", "mode": "payment", "status": status,
            "payment_status": payment_status, "customer": customer, "created": 7,
            "amount_total": 4980, "currency": "jpy", "client_reference_id": "41",
            "metadata": { "product_name": "茶" },
        });
        let bytes = serde_json::to_vec(&json).unwrap();
        project(&CheckoutSession::from_slice(&bytes).unwrap(), false).unwrap()
    }

    #[test]
    fn any_order_of_the_same_news_ends_in_the_same_row() {
        let news = [
            row("open", "unpaid", None),
            row("complete", "unpaid", Some("cus_1")),
            row("complete", "paid", Some("cus_1")),
        ];
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let [first, rest @ ..] = order;
            let mut end = news[first].clone();
            for index in rest {
                end = advance(end, news[index].clone());
            }
            assert_eq!(end, news[2], "{order:?}");
        }
    }

    #[test]
    fn a_setup_session_without_amounts_has_a_row() {
        let json = r#"{"id":"cs_test_c1","mode":"setup","payment_status":"no_payment_required",
            "amount_total":null,"currency":null,"created":1,"metadata":null}"#;
        let row = project(
            &CheckoutSession::from_slice(json.as_bytes()).unwrap(),
            false,
        )
        .unwrap();
        assert_eq!(
            (row.amount_total, row.owner, row.product_name),
            (None, None, None)
        );
    }
}

//! The projection of Checkout Sessions.

use serde_json::Value;

use crate::checkout::{CheckoutSession, CheckoutStatus, PaymentStatus};
use crate::money::Amount;
use crate::object::{Expandable, FieldError};
use crate::store::{CheckoutSessionRow, Owner};

/// Why a session cannot be stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// A field that the row needs is not readable.
    #[error("a field of the checkout session is not readable")]
    Field(#[from] FieldError),
}

/// What a session says, as a row. `livemode` comes from the event around it.
///
/// The owner is `client_reference_id`, which only the server that created the
/// session can set. A session of a Payment Link has no owner: whoever opens the
/// link can write any reference into its address.
/// <https://docs.stripe.com/payment-links/url-parameters>
///
/// # Errors
/// When a field that the row needs is absent or of another type.
pub fn project(
    session: &CheckoutSession,
    livemode: bool,
) -> Result<CheckoutSessionRow, ProjectionError> {
    let total = match session.object().get::<Option<i64>>("amount_total")? {
        Some(minor) => Some(Amount::new(minor, session.currency()?)),
        None => None,
    };
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
        total,
        payment_intent: session.payment_intent()?.map(|Expandable(id)| id),
        // PostgreSQL takes no NUL in a text, and the name must not cost us the sale.
        product_name: session
            .metadata_value("product_name")
            .map(|name| name.replace('\0', "")),
        created: session.created()?,
        livemode,
    })
}

/// What the stored row becomes when `told` arrives, in whatever order: the
/// later of the two stations of a session's life wins, and what is known is
/// never forgotten.
#[must_use]
pub fn advance(stored: Option<CheckoutSessionRow>, told: CheckoutSessionRow) -> CheckoutSessionRow {
    let Some(stored) = stored else { return told };
    let (older, newer) = if station(&told) >= station(&stored) {
        (stored, told)
    } else {
        (told, stored)
    };
    CheckoutSessionRow {
        owner: newer.owner.or(older.owner),
        customer: newer.customer.or(older.customer),
        total: newer.total.or(older.total),
        payment_intent: newer.payment_intent.or(older.payment_intent),
        product_name: newer.product_name.or(older.product_name),
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
            let mut end = None;
            for index in order {
                end = Some(advance(end, news[index].clone()));
            }
            assert_eq!(end.unwrap(), news[2], "{order:?}");
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
        assert_eq!((row.total, row.owner, row.product_name), (None, None, None));
    }
}

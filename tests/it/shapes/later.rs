//! clover (2025-09-30), dahlia (2026-03-25), endive (2026-09-30).

use serde_json::{Value, json};
use stripegym_core::checkout::{CheckoutSession, UiMode};
use stripegym_core::discount::Discount;
use stripegym_core::dispute::{Dispute, DisputeStatus};
use stripegym_core::invoice::{Invoice, InvoiceLine, UncollectibleReason};
use stripegym_core::invoice_payment::{InvoicePayment, InvoicePaymentKind};
use stripegym_core::object::Field;
use stripegym_core::payment_intent::PaymentIntent;
use stripegym_core::promotion_code::PromotionCode;
use stripegym_core::refund::Refund;
use stripegym_core::subscription::{
    CancellationReason, PauseType, Subscription, SubscriptionStatus,
};
use stripegym_core::subscription_schedule::SubscriptionSchedule;

use super::view;

// clover (2025-09-30)

#[test]
fn clover_gave_discounts_a_source() {
    let coupon = json!({ "id": "SPRING", "object": "coupon", "percent_off": 25.5 });
    for (json, in_full) in [
        (json!({ "coupon": coupon }), true),
        (
            json!({ "source": { "type": "coupon", "coupon": "SPRING" } }),
            false,
        ),
        (
            json!({ "source": { "type": "coupon", "coupon": coupon } }),
            true,
        ),
    ] {
        let discount: Discount = view(json);
        assert_eq!(discount.coupon_id().unwrap().unwrap().as_str(), "SPRING");
        let whole = discount.coupon_object().unwrap();
        assert_eq!(whole.is_some(), in_full);
        if let Some(coupon) = whole {
            assert_eq!(coupon.percent_off().unwrap().unwrap().to_string(), "25.5");
        }
    }
}

#[test]
fn clover_gave_promotion_codes_a_promotion() {
    let coupon = json!({ "id": "SPRING", "object": "coupon" });
    for (json, in_full) in [
        (json!({ "coupon": coupon }), true),
        (
            json!({ "promotion": { "type": "coupon", "coupon": "SPRING" } }),
            false,
        ),
        (
            json!({ "promotion": { "type": "coupon", "coupon": coupon } }),
            true,
        ),
    ] {
        let code: PromotionCode = view(json);
        assert_eq!(code.coupon_id().unwrap().unwrap().as_str(), "SPRING");
        assert_eq!(code.coupon_object().unwrap().is_some(), in_full);
    }
}

#[test]
fn clover_schedules_and_older_ones_have_the_same_phases() {
    let phase = |price: Value| {
        json!({ "phases": [{ "start_date": 1, "end_date": 2,
            "items": [{ "price": price, "quantity": 3 }] }] })
    };
    for json in [
        phase(json!("price_1")),
        phase(json!({ "id": "price_1", "object": "price" })),
    ] {
        let schedule: SubscriptionSchedule = view(json);
        let phases = schedule.phases().unwrap();
        let items = phases[0].items().unwrap();
        assert_eq!(items[0].price().unwrap().0.as_str(), "price_1");
        assert_eq!(items[0].quantity(), Ok(Some(3)));
        assert_eq!(
            (phases[0].start_date(), phases[0].end_date()),
            (Ok(1), Ok(2))
        );
    }
}

#[test]
fn clover_knows_prevented_disputes_and_payment_records() {
    let dispute: Dispute = view(json!({ "status": "prevented" }));
    assert_eq!(dispute.status(), Ok(DisputeStatus::Prevented));
    let payment: InvoicePayment = view(json!({ "payment": { "type": "payment_record" } }));
    assert_eq!(payment.kind(), Ok(InvoicePaymentKind::PaymentRecord));
    assert_eq!(payment.payment_intent(), Ok(None));
}

// dahlia (2026-03-25)

#[test]
fn dahlia_renamed_the_ui_modes() {
    for (names, mode) in [
        (["hosted", "hosted_page"], UiMode::HostedPage),
        (["embedded", "embedded_page"], UiMode::EmbeddedPage),
        (["custom", "elements"], UiMode::Elements),
        (["form", "form"], UiMode::Form),
    ] {
        for name in names {
            let session: CheckoutSession = view(json!({ "ui_mode": name }));
            assert_eq!(session.ui_mode(), Ok(Some(mode.clone())));
        }
        assert_eq!(mode.as_str(), names[1], "what is sent is the new name");
    }
}

#[test]
fn dahlia_counts_lines_in_decimals_too() {
    let before: InvoiceLine = view(json!({ "quantity": 2 }));
    assert_eq!(
        (before.quantity(), before.quantity_decimal()),
        (Ok(Some(2)), Ok(None))
    );
    let after: InvoiceLine = view(json!({ "quantity": null, "quantity_decimal": "2.5" }));
    assert_eq!(
        (after.quantity(), after.quantity_decimal()),
        (Ok(None), Ok(Some("2.5")))
    );
}

#[test]
fn dahlia_cancels_for_one_more_reason() {
    let json = json!({ "cancellation_details": { "reason": "canceled_by_retention_policy" } });
    let subscription: Subscription = view(json);
    let reason = CancellationReason::CanceledByRetentionPolicy;
    assert_eq!(subscription.cancellation_reason(), Ok(Some(reason)));
}

#[test]
fn since_july_refunds_name_their_customer_and_null_is_not_absence() {
    let before: Refund = view(json!({}));
    assert_eq!(before.customer(), Ok(Field::Absent));
    let nobody: Refund = view(json!({ "customer": null }));
    assert_eq!(nobody.customer(), Ok(Field::Null));
    let after: Refund = view(json!({ "customer": "cus_1", "payment_method": "pm_1" }));
    assert_eq!(
        after.customer().unwrap().value().unwrap().0.as_str(),
        "cus_1"
    );
    assert_eq!(
        after.payment_method().unwrap().value().unwrap().0.as_str(),
        "pm_1"
    );
}

// endive (2026-09-30)

#[test]
fn endive_says_why_a_subscription_is_paused() {
    let before: Subscription = view(json!({ "status": "paused" }));
    assert_eq!(before.paused_because(), Ok(None));
    let after: Subscription = view(json!({ "status": "paused",
        "status_details": { "paused": { "type": "pause_requested" } } }));
    assert_eq!(after.status(), Ok(SubscriptionStatus::Paused));
    assert_eq!(after.paused_because(), Ok(Some(PauseType::PauseRequested)));
    let running: Subscription = view(json!({ "status": "active", "status_details": null }));
    assert_eq!(running.paused_because(), Ok(None));
}

#[test]
fn endive_says_why_an_invoice_is_written_off() {
    let json = json!({ "status_details": { "uncollectible": { "reason": "user_forgiven" } } });
    let invoice: Invoice = view(json);
    assert_eq!(
        invoice.uncollectible_because(),
        Ok(Some(UncollectibleReason::UserForgiven))
    );
    assert_eq!(view::<Invoice>(json!({})).uncollectible_because(), Ok(None));
}

#[test]
fn endive_still_tells_the_kinds_of_payment_method() {
    let intent: PaymentIntent = view(json!({ "payment_method_types": ["card", "konbini"] }));
    assert_eq!(intent.payment_method_types(), Ok(vec!["card", "konbini"]));
}

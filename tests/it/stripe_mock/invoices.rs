//! Invoices, their items and payments.

use stripegym_core::client::{TimeRange, When};
use stripegym_core::discount::DiscountParam;
use stripegym_core::invoice::{
    CreateInvoice, CreateInvoicePreview, DeleteInvoice, FinalizeInvoice, InvoiceStatus,
    ListInvoiceLines, ListInvoices, MarkInvoiceUncollectible, PayInvoice, PendingItems,
    PreviewItem, RetrieveInvoice, SearchInvoices, SendInvoice, UpdateInvoice, VoidInvoice,
};
use stripegym_core::invoice_item::{
    CreateInvoiceItem, DeleteInvoiceItem, ListInvoiceItems, RetrieveInvoiceItem, UpdateInvoiceItem,
};
use stripegym_core::invoice_payment::{
    InvoicePaymentStatus, ListInvoicePayments, RetrieveInvoicePayment,
};
use stripegym_core::subscription::{CollectionMethod, CycleAnchor, ItemParam, ProrationBehavior};
use stripegym_core::subscription_schedule::{PhaseEnd, PhaseItemParam, PhaseParam};
use stripegym_core::{Amount, Currency};

use super::{Checks, id};

const YEN: Amount = Amount::new(980, Currency::JPY);

pub(super) async fn check(checks: &Checks) {
    drafts(checks).await;
    verbs(checks).await;
    previews(checks).await;
    lists(checks).await;
    items(checks).await;
    payments(checks).await;
}

fn coupon() -> [DiscountParam; 1] {
    [DiscountParam::existing(&id("di_1"))]
}

async fn drafts(checks: &Checks) {
    let invoice = id("in_1");
    let create = CreateInvoice::new(&id("cus_1"))
        .auto_advance(false)
        .collection_method(CollectionMethod::SendInvoice)
        .currency(Currency::JPY)
        .days_until_due(30)
        .due_date(1_800_000_000)
        .default_payment_method(&id("pm_1"))
        .description("x")
        .footer("x")
        .discounts(&coupon())
        .pending_invoice_items_behavior(PendingItems::Include)
        .subscription(&id("sub_1"))
        .metadata("k", "v");
    checks.one(create).await;
    let update = UpdateInvoice::new(&invoice)
        .auto_advance(true)
        .collection_method(CollectionMethod::ChargeAutomatically)
        .days_until_due(7)
        .due_date(1_800_000_000)
        .default_payment_method(&id("pm_1"))
        .description("")
        .footer("")
        .discounts(&coupon())
        .metadata("k", "");
    checks.one(update).await;
    checks
        .one(RetrieveInvoice::new(&invoice).expand("payments"))
        .await;
    checks.one(DeleteInvoice::new(&invoice)).await;
}

async fn verbs(checks: &Checks) {
    let invoice = id("in_1");
    checks
        .one(FinalizeInvoice::new(&invoice).auto_advance(true))
        .await;
    let pay = PayInvoice::new(&invoice)
        .payment_method(&id("pm_1"))
        .paid_out_of_band(false)
        .forgive(false)
        .off_session(true);
    checks.one(pay).await;
    checks.one(SendInvoice::new(&invoice)).await;
    checks.one(VoidInvoice::new(&invoice)).await;
    checks.one(MarkInvoiceUncollectible::new(&invoice)).await;
}

async fn previews(checks: &Checks) {
    let added = [
        PreviewItem::amount(YEN).description("x"),
        PreviewItem::price(&id("price_1")).quantity(2),
    ];
    let preview = CreateInvoicePreview::new()
        .customer(&id("cus_1"))
        .subscription(&id("sub_1"))
        .currency(Currency::JPY)
        .discounts(&coupon())
        .invoice_items(&added)
        .items(&[ItemParam::change(&id("si_1"), &id("price_2"))])
        .proration_behavior(ProrationBehavior::AlwaysInvoice)
        .proration_date(1_800_000_000)
        .cancel_at_period_end(true)
        .cancel_now(false)
        .start_date(1_800_000_000)
        .trial_end(When::Now);
    checks.one(preview).await;
    let phase = PhaseParam::new(&[PhaseItemParam::new(&id("price_1"))], &PhaseEnd::Open);
    let preview = CreateInvoicePreview::new()
        .schedule(&id("sub_sched_1"))
        .phases(&[phase]);
    checks.one(preview).await;
    checks
        .newer(
            CreateInvoicePreview::new().billing_cycle_anchor(CycleAnchor::Now),
            "the anchor is an object since endive",
            "subscription_details[billing_cycle_anchor][type]=now",
        )
        .await;
}

async fn lists(checks: &Checks) {
    let invoice = id("in_1");
    let list = ListInvoices::new()
        .customer(&id("cus_1"))
        .subscription(&id("sub_1"))
        .status(InvoiceStatus::Open)
        .collection_method(CollectionMethod::SendInvoice)
        .created(TimeRange::from(1))
        .due_date(TimeRange::before(2))
        .limit(3)
        .starting_after(&invoice)
        .ending_before(&invoice);
    checks.list(list).await;
    checks
        .search(SearchInvoices::new("status:'open'").limit(3).page("p"))
        .await;
    let lines = ListInvoiceLines::new(&invoice)
        .limit(3)
        .starting_after(&id("il_1"))
        .ending_before(&id("il_1"));
    checks.list(lines).await;
}

async fn items(checks: &Checks) {
    let (item, customer) = (id("ii_1"), id("cus_1"));
    let create = CreateInvoiceItem::amount(&customer, Amount::new(-500, Currency::JPY))
        .invoice(&id("in_1"))
        .subscription(&id("sub_1"))
        .description("x")
        .discountable(false)
        .discounts(&coupon())
        .metadata("k", "v");
    checks.one(create).await;
    checks
        .one(CreateInvoiceItem::price(&customer, &id("price_1")).quantity(2))
        .await;
    checks.one(RetrieveInvoiceItem::new(&item)).await;
    let update = UpdateInvoiceItem::new(&item)
        .amount(700)
        .quantity(1)
        .description("x")
        .discountable(true)
        .discounts(&coupon())
        .metadata("k", "");
    checks.one(update).await;
    checks.one(DeleteInvoiceItem::new(&item)).await;
    let list = ListInvoiceItems::new()
        .customer(&customer)
        .invoice(&id("in_1"))
        .pending(true)
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&item)
        .ending_before(&item);
    checks.list(list).await;
}

async fn payments(checks: &Checks) {
    let payment = id("inpay_1");
    checks.one(RetrieveInvoicePayment::new(&payment)).await;
    let list = ListInvoicePayments::new()
        .invoice(&id("in_1"))
        .status(InvoicePaymentStatus::Paid)
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&payment)
        .ending_before(&payment);
    checks.list(list).await;
    checks
        .list(ListInvoicePayments::new().payment_intent(&id("pi_1")))
        .await;
}

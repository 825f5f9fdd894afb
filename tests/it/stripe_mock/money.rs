//! Payment and setup intents, charges, refunds, disputes, the balance.

use stripegym_core::balance::RetrieveBalance;
use stripegym_core::balance_transaction::{
    BalanceTransactionType, ListBalanceTransactions, RetrieveBalanceTransaction,
};
use stripegym_core::charge::{
    CaptureCharge, ListCharges, RetrieveCharge, SearchCharges, UpdateCharge,
};
use stripegym_core::client::TimeRange;
use stripegym_core::dispute::{CloseDispute, ListDisputes, RetrieveDispute, UpdateDispute};
use stripegym_core::payment_intent::{
    CancelPaymentIntent, CancelReason, CaptureMethod, CapturePaymentIntent, ConfirmPaymentIntent,
    CreatePaymentIntent, ListPaymentIntents, RetrievePaymentIntent, SearchPaymentIntents,
    SetupFutureUsage, UpdatePaymentIntent,
};
use stripegym_core::payout::{ListPayouts, PayoutStatus, RetrievePayout};
use stripegym_core::refund::{
    CancelRefund, CreateRefund, ListRefunds, RefundReason, RetrieveRefund, UpdateRefund,
};
use stripegym_core::setup_intent::{
    CancelSetupIntent, ConfirmSetupIntent, CreateSetupIntent, ListSetupIntents,
    RetrieveSetupIntent, UpdateSetupIntent,
};
use stripegym_core::{Amount, Currency};

use super::{Checks, id};

pub(super) async fn check(checks: &Checks) {
    payment_intents(checks).await;
    setup_intents(checks).await;
    charges(checks).await;
    refunds(checks).await;
    disputes(checks).await;
    balance(checks).await;
}

async fn payment_intents(checks: &Checks) {
    let intent = id("pi_1");
    let create = CreatePaymentIntent::new(Amount::new(4980, Currency::JPY))
        .customer(&id("cus_1"))
        .payment_method(&id("pm_1"))
        .confirm(true)
        .off_session(true)
        .capture_method(CaptureMethod::AutomaticAsync)
        .setup_future_usage(SetupFutureUsage::OnSession)
        .automatic_payment_methods(true)
        .excluded_payment_method_types(&["konbini"])
        .return_url("https://a.example")
        .receipt_email("a@example.com")
        .description("x")
        .statement_descriptor_suffix("TEA")
        .metadata("k", "v");
    checks.one(create).await;
    checks.one(RetrievePaymentIntent::new(&intent)).await;
    let update = UpdatePaymentIntent::new(&intent)
        .amount(500)
        .currency(Currency::JPY)
        .customer(&id("cus_1"))
        .payment_method(&id("pm_1"))
        .setup_future_usage(SetupFutureUsage::OffSession)
        .receipt_email("")
        .description("x")
        .statement_descriptor_suffix("TEA")
        .metadata("k", "");
    checks.one(update).await;
    let confirm = ConfirmPaymentIntent::new(&intent)
        .payment_method(&id("pm_1"))
        .off_session(true)
        .return_url("https://a.example")
        .receipt_email("a@example.com");
    checks.one(confirm).await;
    let capture = CapturePaymentIntent::new(&intent)
        .amount_to_capture(400)
        .statement_descriptor_suffix("TEA")
        .metadata("k", "v");
    checks.one(capture).await;
    let cancel = CancelPaymentIntent::new(&intent);
    checks
        .one(cancel.cancellation_reason(CancelReason::Abandoned))
        .await;
    let list = ListPaymentIntents::new()
        .customer(&id("cus_1"))
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&intent)
        .ending_before(&intent);
    checks.list(list).await;
    checks
        .search(
            SearchPaymentIntents::new("status:'succeeded'")
                .limit(3)
                .page("p"),
        )
        .await;
}

async fn setup_intents(checks: &Checks) {
    let intent = id("seti_1");
    let create = CreateSetupIntent::new()
        .customer(&id("cus_1"))
        .payment_method(&id("pm_1"))
        .confirm(true)
        .usage(SetupFutureUsage::OffSession)
        .automatic_payment_methods(true)
        .excluded_payment_method_types(&["konbini"])
        .return_url("https://a.example")
        .description("x")
        .metadata("k", "v");
    checks.one(create).await;
    checks.one(RetrieveSetupIntent::new(&intent)).await;
    let update = UpdateSetupIntent::new(&intent)
        .customer(&id("cus_1"))
        .payment_method(&id("pm_1"))
        .description("")
        .metadata("k", "");
    checks.one(update).await;
    let confirm = ConfirmSetupIntent::new(&intent)
        .payment_method(&id("pm_1"))
        .return_url("https://a.example");
    checks.one(confirm).await;
    let cancel = CancelSetupIntent::new(&intent);
    checks
        .one(cancel.cancellation_reason(CancelReason::Duplicate))
        .await;
    let list = ListSetupIntents::new()
        .customer(&id("cus_1"))
        .payment_method(&id("pm_1"))
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&intent)
        .ending_before(&intent);
    checks.list(list).await;
}

async fn charges(checks: &Checks) {
    let charge = id("ch_1");
    checks
        .one(RetrieveCharge::new(&charge).expand("balance_transaction"))
        .await;
    let update = UpdateCharge::new(&charge)
        .customer(&id("cus_1"))
        .description("x")
        .receipt_email("a@example.com")
        .user_report("safe")
        .metadata("k", "v");
    checks.one(update).await;
    let capture = CaptureCharge::new(&charge)
        .amount(100)
        .receipt_email("a@example.com")
        .statement_descriptor_suffix("TEA");
    checks.one(capture).await;
    let list = ListCharges::new()
        .customer(&id("cus_1"))
        .payment_intent(&id("pi_1"))
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&charge)
        .ending_before(&charge);
    checks.list(list).await;
    checks
        .search(SearchCharges::new("status:'succeeded'").limit(3).page("p"))
        .await;
}

async fn refunds(checks: &Checks) {
    let refund = id("re_1");
    let create = CreateRefund::of_payment_intent(&id("pi_1"))
        .amount(100)
        .reason(RefundReason::RequestedByCustomer)
        .instructions_email("a@example.com")
        .metadata("k", "v");
    checks.one(create).await;
    checks.one(CreateRefund::of_charge(&id("ch_1"))).await;
    checks.one(RetrieveRefund::new(&refund)).await;
    checks
        .one(UpdateRefund::new(&refund).metadata("k", ""))
        .await;
    checks.one(CancelRefund::new(&refund)).await;
    let list = ListRefunds::new()
        .charge(&id("ch_1"))
        .payment_intent(&id("pi_1"))
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&refund)
        .ending_before(&refund);
    checks.list(list).await;
}

async fn disputes(checks: &Checks) {
    let dispute = id("dp_1");
    checks.one(RetrieveDispute::new(&dispute)).await;
    let update = UpdateDispute::new(&dispute)
        .submit(false)
        .uncategorized_text("winning_evidence")
        .product_description("茶")
        .customer_email_address("a@example.com")
        .customer_name("花子")
        .service_date("2026-01-01")
        .metadata("k", "v");
    checks.one(update).await;
    checks.one(CloseDispute::new(&dispute)).await;
    let list = ListDisputes::new()
        .charge(&id("ch_1"))
        .payment_intent(&id("pi_1"))
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&dispute)
        .ending_before(&dispute);
    checks.list(list).await;
}

async fn balance(checks: &Checks) {
    checks.one(RetrieveBalance::new()).await;
    let transaction = id("txn_1");
    checks
        .one(RetrieveBalanceTransaction::new(&transaction))
        .await;
    let list = ListBalanceTransactions::new()
        .payout(&id("po_1"))
        .source("ch_1")
        .kind(BalanceTransactionType::Charge)
        .currency(Currency::JPY)
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&transaction)
        .ending_before(&transaction);
    checks.list(list).await;
    let payout = id("po_1");
    checks.one(RetrievePayout::new(&payout)).await;
    let list = ListPayouts::new()
        .status(PayoutStatus::Paid)
        .arrival_date(TimeRange::from(1))
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&payout)
        .ending_before(&payout);
    checks.list(list).await;
}

//! Subscriptions, their items and their schedules.

use stripegym_core::client::{TimeRange, When};
use stripegym_core::discount::DiscountParam;
use stripegym_core::price::{PriceData, Recurring};
use stripegym_core::subscription::{
    BillingModeType, CancelSubscription, CancellationFeedback, CollectionMethod,
    CreateSubscription, CycleAnchor, ItemParam, ListSubscriptions, MigrateSubscription,
    MissingPaymentMethod, PauseCollectionBehavior, PauseInvoicing, PauseSubscription,
    PaymentBehavior, ProrationBehavior, ResumeBehavior, ResumeSubscription, RetrieveSubscription,
    SearchSubscriptions, SubscriptionStatus, UpdateSubscription,
};
use stripegym_core::subscription_item::{
    CreateSubscriptionItem, DeleteSubscriptionItem, ListSubscriptionItems,
    RetrieveSubscriptionItem, UpdateSubscriptionItem,
};
use stripegym_core::subscription_schedule::{
    CancelSubscriptionSchedule, CreateSubscriptionSchedule, EndBehavior, ListSubscriptionSchedules,
    PhaseEnd, PhaseItemParam, PhaseParam, ReleaseSubscriptionSchedule,
    RetrieveSubscriptionSchedule, UpdateSubscriptionSchedule,
};
use stripegym_core::{Amount, Currency};

use super::{Checks, id};

const YEN: Amount = Amount::new(980, Currency::JPY);

pub(super) async fn check(checks: &Checks) {
    creation(checks).await;
    changes(checks).await;
    newer(checks).await;
    lists(checks).await;
    items(checks).await;
    schedules(checks).await;
}

fn coupon() -> [DiscountParam; 1] {
    [DiscountParam::coupon(&id("SPRING"))]
}

async fn creation(checks: &Checks) {
    let items = [
        ItemParam::new(&id("price_1"))
            .quantity(2)
            .discounts(&coupon())
            .metadata("k", "v"),
        ItemParam::at(&PriceData::of(&id("prod_1"), YEN).every(&Recurring::MONTHLY)),
    ];
    let create = CreateSubscription::new(&id("cus_1"), &items)
        .default_payment_method(&id("pm_1"))
        .collection_method(CollectionMethod::SendInvoice)
        .days_until_due(30)
        .payment_behavior(PaymentBehavior::DefaultIncomplete)
        .proration_behavior(ProrationBehavior::None)
        .trial_period_days(14)
        .missing_payment_method(MissingPaymentMethod::Pause)
        .billing_cycle_anchor(1_800_000_000)
        .billing_mode(BillingModeType::Classic)
        .backdate_start_date(1_700_000_000)
        .cancel_at(1_900_000_000)
        .discounts(&coupon())
        .currency(Currency::JPY)
        .description("x")
        .off_session(true)
        .metadata("k", "v")
        .expand("latest_invoice.confirmation_secret");
    checks.one(create).await;
    let create = CreateSubscription::new(&id("cus_1"), &items)
        .trial_end(When::Now)
        .cancel_at_period_end(true);
    checks.one(create).await;
}

async fn changes(checks: &Checks) {
    let subscription = id("sub_1");
    checks.one(RetrieveSubscription::new(&subscription)).await;
    let items = [
        ItemParam::change(&id("si_1"), &id("price_2")).quantity(3),
        ItemParam::remove(&id("si_2")),
        ItemParam::new(&id("price_3")),
    ];
    let update = UpdateSubscription::new(&subscription)
        .items(&items)
        .default_payment_method(&id("pm_1"))
        .collection_method(CollectionMethod::ChargeAutomatically)
        .days_until_due(7)
        .payment_behavior(PaymentBehavior::PendingIfIncomplete)
        .proration_behavior(ProrationBehavior::AlwaysInvoice)
        .proration_date(1_800_000_000)
        .trial_end(When::At(1_800_000_000))
        .missing_payment_method(MissingPaymentMethod::CreateInvoice)
        .cancel_at_period_end(true)
        .feedback(CancellationFeedback::TooExpensive)
        .comment("高い")
        .pause_collection(PauseCollectionBehavior::Void)
        .pause_collection_resumes_at(1_800_000_000)
        .discounts(&coupon())
        .description("")
        .off_session(false)
        .metadata("k", "");
    checks.one(update).await;
    let update = UpdateSubscription::new(&subscription).cancel_at(1_900_000_000);
    checks.one(update.coupon(&id("SPRING"))).await;
    let unset = UpdateSubscription::new(&subscription)
        .param("pause_collection", "")
        .param("cancel_at", "")
        .param("discounts", "");
    checks.one(unset).await;
    let cancel = CancelSubscription::new(&subscription)
        .invoice_now(true)
        .prorate(true)
        .feedback(CancellationFeedback::Unused)
        .comment("x");
    checks.one(cancel).await;
    let resume = ResumeSubscription::new(&subscription)
        .proration_behavior(ProrationBehavior::None)
        .proration_date(1_800_000_000);
    checks.one(resume).await;
    checks.one(MigrateSubscription::new(&subscription)).await;
}

/// stripe-mock describes 2026-08-26.dahlia; these came with endive.
async fn newer(checks: &Checks) {
    let subscription = id("sub_1");
    checks
        .newer(
            PauseSubscription::new(&subscription).invoicing_behavior(PauseInvoicing::Invoice),
            "the endpoint is of endive",
            "invoicing_behavior=invoice",
        )
        .await;
    checks
        .newer(
            UpdateSubscription::new(&subscription).billing_cycle_anchor(CycleAnchor::Unchanged),
            "the anchor is an object since endive",
            "billing_cycle_anchor[type]=unchanged",
        )
        .await;
    checks
        .newer(
            ResumeSubscription::new(&subscription)
                .billing_cycle_anchor(CycleAnchor::Now)
                .payment_behavior(ResumeBehavior::OnPaymentSuccess),
            "both are of endive",
            "billing_cycle_anchor[type]=now&payment_behavior=resume_on_payment_success",
        )
        .await;
}

async fn lists(checks: &Checks) {
    let subscription = id("sub_1");
    let list = ListSubscriptions::new()
        .customer(&id("cus_1"))
        .price(&id("price_1"))
        .status(SubscriptionStatus::PastDue)
        .collection_method(CollectionMethod::ChargeAutomatically)
        .created(TimeRange::from(1))
        .current_period_end(TimeRange::before(2))
        .test_clock(&id("clock_1"))
        .limit(3)
        .starting_after(&subscription)
        .ending_before(&subscription);
    checks.list(list).await;
    checks.list(ListSubscriptions::new().all()).await;
    checks
        .search(
            SearchSubscriptions::new("status:'active'")
                .limit(3)
                .page("p"),
        )
        .await;
}

async fn items(checks: &Checks) {
    let (item, subscription) = (id("si_1"), id("sub_1"));
    let create = CreateSubscriptionItem::new(&subscription, &id("price_1"))
        .quantity(2)
        .payment_behavior(PaymentBehavior::ErrorIfIncomplete)
        .proration_behavior(ProrationBehavior::CreateProrations)
        .proration_date(1_800_000_000)
        .discounts(&coupon())
        .metadata("k", "v");
    checks.one(create).await;
    checks.one(RetrieveSubscriptionItem::new(&item)).await;
    let update = UpdateSubscriptionItem::new(&item)
        .price(&id("price_2"))
        .quantity(3)
        .payment_behavior(PaymentBehavior::AllowIncomplete)
        .proration_behavior(ProrationBehavior::None)
        .proration_date(1_800_000_000)
        .discounts(&coupon())
        .metadata("k", "");
    checks.one(update).await;
    let delete = DeleteSubscriptionItem::new(&item)
        .proration_behavior(ProrationBehavior::None)
        .proration_date(1_800_000_000);
    checks.one(delete).await;
    let list = ListSubscriptionItems::new(&subscription)
        .limit(3)
        .starting_after(&item)
        .ending_before(&item);
    checks.list(list).await;
}

async fn schedules(checks: &Checks) {
    let phases = [
        PhaseParam::new(
            &[PhaseItemParam::new(&id("price_1"))
                .quantity(2)
                .discounts(&coupon())],
            &PhaseEnd::At(1_800_000_000),
        )
        .start_date(When::At(1_700_000_000))
        .proration_behavior(ProrationBehavior::None)
        .collection_method(CollectionMethod::ChargeAutomatically)
        .trial_end(When::At(1_750_000_000))
        .discounts(&coupon())
        .metadata("plan", "premium"),
        PhaseParam::new(
            &[
                PhaseItemParam::at(&PriceData::of(&id("prod_1"), YEN).every(&Recurring::MONTHLY))
                    .metadata("k", "v"),
            ],
            &PhaseEnd::After(Recurring::MONTHLY),
        ),
        PhaseParam::new(&[PhaseItemParam::new(&id("price_2"))], &PhaseEnd::Open),
    ];
    // The first phase of a new schedule begins with the schedule.
    let create = CreateSubscriptionSchedule::new(&id("cus_1"), When::Now, &phases[1..])
        .end_behavior(EndBehavior::Cancel)
        .billing_mode(BillingModeType::Flexible)
        .metadata("k", "v");
    checks.one(create).await;
    checks
        .one(CreateSubscriptionSchedule::from_subscription(&id("sub_1")))
        .await;
    let schedule = id("sub_sched_1");
    checks
        .one(RetrieveSubscriptionSchedule::new(&schedule))
        .await;
    let update = UpdateSubscriptionSchedule::new(&schedule)
        .phases(&phases)
        .end_behavior(EndBehavior::Release)
        .proration_behavior(ProrationBehavior::None)
        .metadata("k", "");
    checks.one(update).await;
    let cancel = CancelSubscriptionSchedule::new(&schedule)
        .invoice_now(false)
        .prorate(false);
    checks.one(cancel).await;
    checks
        .one(ReleaseSubscriptionSchedule::new(&schedule).preserve_cancel_date(true))
        .await;
    let list = ListSubscriptionSchedules::new()
        .customer(&id("cus_1"))
        .scheduled(true)
        .created(TimeRange::from(1))
        .limit(3)
        .starting_after(&schedule)
        .ending_before(&schedule);
    checks.list(list).await;
}

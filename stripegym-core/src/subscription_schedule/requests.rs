//! Calls on Subscription Schedules.

use crate::client::{List, Param, TimeRange, When, calls, parts};
use crate::discount::DiscountParam;
use crate::form::Form;
use crate::id::{CustomerId, PriceId, SubscriptionId, SubscriptionScheduleId};
use crate::price::{PriceData, Recurring};
use crate::subscription::{BillingModeType, CollectionMethod, ProrationBehavior};
use crate::subscription_schedule::{EndBehavior, SubscriptionSchedule};

/// How long a phase lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhaseEnd {
    /// Until this second.
    At(i64),
    /// So many intervals.
    After(Recurring),
    /// For ever: the last phase may.
    Open,
}

parts! {
    /// One thing that is paid for in a phase.
    PhaseItemParam[] {
        /// So many.
        quantity: u32;
        /// Discounts for this item alone.
        discounts: &[DiscountParam];
    } + metadata;

    /// One phase. An update names the current one and those to come, whole.
    PhaseParam[] {
        /// When it begins; the first of an update needs it, the others begin
        /// where the one before ends.
        start_date: When;
        /// What becomes of the rest of the period when it begins.
        proration_behavior: ProrationBehavior;
        /// How invoices are collected.
        collection_method: CollectionMethod;
        /// The end of a trial within.
        trial_end: When;
        /// What is taken off.
        discounts: &[DiscountParam];
    } + metadata;
}

impl PhaseItemParam {
    /// At this price.
    pub fn new(price: &PriceId) -> Self {
        Self::start().param("price", price.as_str())
    }

    /// At a price made in passing.
    pub fn at(price: &PriceData) -> Self {
        let Self(mut form) = Self::start();
        price.put(&mut form, "price_data");
        Self(form)
    }
}

impl PhaseParam {
    /// These things, for so long.
    pub fn new(items: &[PhaseItemParam], end: &PhaseEnd) -> Self {
        let Self(mut form) = Self::start();
        items.put(&mut form, "items");
        put_end(&mut form, end);
        Self(form)
    }
}

fn put_end(form: &mut Form, end: &PhaseEnd) {
    match end {
        PhaseEnd::At(second) => second.put(form, "end_date"),
        PhaseEnd::After(time) => time.put(form, "duration"),
        PhaseEnd::Open => {}
    }
}

calls! {
    /// Creates a Schedule. <https://docs.stripe.com/api/subscription_schedules/create>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::client::When;
    /// use stripegym_core::price::Recurring;
    /// use stripegym_core::subscription_schedule::{CreateSubscriptionSchedule, PhaseEnd, PhaseItemParam, PhaseParam, UpdateSubscriptionSchedule};
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// // From the next period on, another price.
    /// let schedule =
    ///     CreateSubscriptionSchedule::from_subscription(&"sub_1".parse()?).send(&stripe).await?;
    /// let now = &schedule.phases()?[0];
    /// let price = now.items()?[0].price()?.0;
    /// let phases = [
    ///     PhaseParam::new(&[PhaseItemParam::new(&price)], &PhaseEnd::At(now.end_date()?))
    ///         .start_date(When::At(now.start_date()?)),
    ///     PhaseParam::new(
    ///         &[PhaseItemParam::new(&"price_2".parse()?)],
    ///         &PhaseEnd::After(Recurring::MONTHLY),
    ///     ),
    /// ];
    /// let id = schedule.subscription_schedule_id()?;
    /// UpdateSubscriptionSchedule::new(&id).phases(&phases).send(&stripe).await?;
    /// # Ok(()) }
    /// ```
    CreateSubscriptionSchedule[] -> SubscriptionSchedule = Post "/v1/subscription_schedules" {
        /// What becomes of the subscription afterwards.
        end_behavior: EndBehavior;
        /// How periods and prorations are reckoned; flexible unless set.
        billing_mode: BillingModeType = "billing_mode[type]";
    } + metadata;

    /// Retrieves a Schedule. <https://docs.stripe.com/api/subscription_schedules/retrieve>
    RetrieveSubscriptionSchedule(id: &SubscriptionScheduleId) -> SubscriptionSchedule
        = Get "/v1/subscription_schedules/{id}" {}

    /// Changes a Schedule. <https://docs.stripe.com/api/subscription_schedules/update>
    UpdateSubscriptionSchedule(id: &SubscriptionScheduleId) -> SubscriptionSchedule
        = Post "/v1/subscription_schedules/{id}" {
        /// The current phase and those to come; phases that are over may be left out.
        phases: &[PhaseParam];
        /// What becomes of the subscription afterwards.
        end_behavior: EndBehavior;
        /// What becomes of the rest of the period if the current phase changes.
        proration_behavior: ProrationBehavior;
    } + metadata;

    /// Lists Schedules, newest first. <https://docs.stripe.com/api/subscription_schedules/list>
    ListSubscriptionSchedules() -> List<SubscriptionSchedule>
        = Get "/v1/subscription_schedules" {
        /// Only those of this customer.
        customer: &CustomerId;
        /// Only those that have not begun.
        scheduled: bool;
        /// Only those made at this time.
        created: TimeRange;
    } + list(SubscriptionSchedule, SubscriptionScheduleId);

    /// Cancels a Schedule and its subscription at once.
    /// <https://docs.stripe.com/api/subscription_schedules/cancel>
    CancelSubscriptionSchedule(id: &SubscriptionScheduleId) -> SubscriptionSchedule
        = Post "/v1/subscription_schedules/{id}/cancel" {
        /// Invoices what is not invoiced yet; true unless set.
        invoice_now: bool;
        /// Credits the rest of the period; true unless set.
        prorate: bool;
    }

    /// Lets go of the subscription, which goes on as it is.
    /// <https://docs.stripe.com/api/subscription_schedules/release>
    ReleaseSubscriptionSchedule(id: &SubscriptionScheduleId) -> SubscriptionSchedule
        = Post "/v1/subscription_schedules/{id}/release" {
        /// Keeps the date at which the schedule would have ended it.
        preserve_cancel_date: bool;
    }
}

impl CreateSubscriptionSchedule {
    /// A new subscription in phases.
    pub fn new(customer: &CustomerId, start: When, phases: &[PhaseParam]) -> Self {
        let Self(mut request) = Self::start();
        let form = request.form_mut();
        customer.put(form, "customer");
        start.put(form, "start_date");
        phases.put(form, "phases");
        Self(request)
    }

    /// A schedule for a subscription that there is: its first phase is what
    /// the subscription is now. To plan a change, update it with that phase and
    /// the next; nothing else may be set here.
    pub fn from_subscription(subscription: &SubscriptionId) -> Self {
        Self::start().param("from_subscription", subscription.as_str())
    }
}

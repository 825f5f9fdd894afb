//! Subscription Schedules. <https://docs.stripe.com/api/subscription_schedules>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::customer::Customer;
use crate::id::{CustomerId, PriceId, SubscriptionId, SubscriptionScheduleId, TestClockId};
use crate::object::{Expandable, string_enums, views};
use crate::price::Price;
use crate::subscription::{ProrationBehavior, Subscription};

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Where a schedule stands.
    ScheduleStatus {
        /// Its first phase lies ahead.
        NotStarted = "not_started",
        /// In one of its phases.
        Active = "active",
        /// Through all of them.
        Completed = "completed",
        /// It let go of its subscription, which goes on.
        Released = "released",
        /// It ended, and its subscription with it.
        Canceled = "canceled",
    }

    /// What becomes of the subscription after the last phase.
    EndBehavior {
        /// It goes on.
        Release = "release",
        /// It ends.
        Cancel = "cancel",
    }
}

views! {
    /// A Subscription Schedule. <https://docs.stripe.com/api/subscription_schedules/object>
    SubscriptionSchedule("subscription_schedule") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        subscription_schedule_id: SubscriptionScheduleId = "id";
        /// Where it stands.
        status: ScheduleStatus;
        /// Who pays.
        customer: Expandable<CustomerId>, customer_object: Customer;
        /// The subscription that it manages.
        subscription: Option<Expandable<SubscriptionId>>, subscription_object: Subscription;
        /// The subscription that it let go.
        released_subscription: Option<Expandable<SubscriptionId>>;
        /// What becomes of the subscription afterwards.
        end_behavior: EndBehavior;
        /// The phases, in order.
        phases: Vec<SchedulePhase>;
        /// When the current phase began.
        current_phase_start: Option<i64> = "current_phase"."start_date";
        /// When the current phase ends.
        current_phase_end: Option<i64> = "current_phase"."end_date";
        /// When it was canceled.
        canceled_at: Option<i64>;
        /// When it was through.
        completed_at: Option<i64>;
        /// When it let go.
        released_at: Option<i64>;
        /// The clock that it lives by, in tests.
        test_clock: Option<Expandable<TestClockId>>;
        /// Seconds since the Unix epoch.
        created: i64;
        /// True for real money.
        livemode: bool;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }

    /// A phase of a schedule.
    SchedulePhase("subscription_schedule_phase") {
        /// What is paid for.
        items: Vec<SchedulePhaseItem>;
        /// Seconds since the Unix epoch.
        start_date: i64;
        /// Seconds since the Unix epoch.
        end_date: i64;
        /// What becomes of the rest of the period when it begins.
        proration_behavior: Option<ProrationBehavior>;
        /// The end of a trial within.
        trial_end: Option<i64>;
        /// What its subscription gets as metadata.
        metadata: Option<&Map<String, Value>>;
    }

    /// One thing that is paid for in a phase.
    SchedulePhaseItem("subscription_schedule_phase_item") {
        /// Its price.
        price: Expandable<PriceId>, price_object: Price;
        /// So many.
        quantity: Option<i64>;
    }
}

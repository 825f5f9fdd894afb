//! Subscription Items. <https://docs.stripe.com/api/subscription_items>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::discount::{self, Discount};
use crate::id::{DiscountId, PriceId, SubscriptionId, SubscriptionItemId};
use crate::object::{Expandable, views};
use crate::price::Price;

use discount::{ids as discount_ids, objects as discount_objects};

#[cfg(feature = "client")]
pub use requests::*;

views! {
    /// One of the things that a subscription is made of.
    /// <https://docs.stripe.com/api/subscription_items/object>
    SubscriptionItem("subscription_item") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        subscription_item_id: SubscriptionItemId = "id";
        /// The subscription that it is of; absent once deleted.
        subscription: Option<Expandable<SubscriptionId>>;
        /// Its price.
        price: Price;
        /// The id of its price.
        price_id: Expandable<PriceId> = "price";
        /// So many; absent where a meter counts.
        quantity: Option<i64>;
        /// When its current period began; the subscription tells it before basil.
        current_period_start: Option<i64>;
        /// When its current period ends; the subscription tells it before basil.
        current_period_end: Option<i64>;
        /// Until when it is paid ahead; absent unless expanded, since 2026-05-27.
        billed_until: Option<i64>;
        /// Its discounts.
        discount_ids: Vec<DiscountId> => discount_ids ["discounts", "discount"];
        /// Those of its discounts that Stripe sent in full.
        discount_objects: Vec<Discount> => discount_objects ["discounts", "discount"];
        /// Seconds since the Unix epoch.
        created: i64;
        /// True once it is deleted.
        deleted: Option<bool>;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}

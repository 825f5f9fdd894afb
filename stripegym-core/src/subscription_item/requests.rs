//! Calls on Subscription Items.

use crate::client::{List, calls};
use crate::discount::DiscountParam;
use crate::id::{PriceId, SubscriptionId, SubscriptionItemId};
use crate::subscription::{PaymentBehavior, ProrationBehavior};
use crate::subscription_item::SubscriptionItem;

calls! {
    /// Adds an item to a subscription. <https://docs.stripe.com/api/subscription_items/create>
    CreateSubscriptionItem(; subscription: &SubscriptionId, price: &PriceId) -> SubscriptionItem
        = Post "/v1/subscription_items" {
        /// So many.
        quantity: u32;
        /// What becomes of the change when it cannot be paid.
        payment_behavior: PaymentBehavior;
        /// What becomes of the rest of the period.
        proration_behavior: ProrationBehavior;
        /// The moment from which the rest is reckoned.
        proration_date: i64;
        /// What is taken off.
        discounts: &[DiscountParam];
    } + metadata;

    /// Retrieves an item. <https://docs.stripe.com/api/subscription_items/retrieve>
    RetrieveSubscriptionItem(id: &SubscriptionItemId) -> SubscriptionItem
        = Get "/v1/subscription_items/{id}" {}

    /// Changes an item. <https://docs.stripe.com/api/subscription_items/update>
    UpdateSubscriptionItem(id: &SubscriptionItemId) -> SubscriptionItem
        = Post "/v1/subscription_items/{id}" {
        /// Its price.
        price: &PriceId;
        /// So many.
        quantity: u32;
        /// What becomes of the change when it cannot be paid.
        payment_behavior: PaymentBehavior;
        /// What becomes of the rest of the period.
        proration_behavior: ProrationBehavior;
        /// The moment from which the rest is reckoned.
        proration_date: i64;
        /// What is taken off.
        discounts: &[DiscountParam];
    } + metadata;

    /// Takes an item away from its subscription.
    /// <https://docs.stripe.com/api/subscription_items/delete>
    DeleteSubscriptionItem(id: &SubscriptionItemId) -> SubscriptionItem
        = Delete "/v1/subscription_items/{id}" {
        /// What becomes of the rest of the period.
        proration_behavior: ProrationBehavior;
        /// The moment from which the rest is reckoned.
        proration_date: i64;
    }

    /// Lists the items of a subscription. <https://docs.stripe.com/api/subscription_items/list>
    ///
    /// ```no_run
    /// # use stripegym_core::Client;
    /// use stripegym_core::client::AtMost;
    /// use stripegym_core::subscription_item::ListSubscriptionItems;
    /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut items = ListSubscriptionItems::new(&"sub_1".parse()?).walk(&stripe, AtMost::Items(20));
    /// while let Some(item) = items.next().await {
    ///     println!("{:?}", item?.price()?.lookup_key()?);
    /// }
    /// # Ok(()) }
    /// ```
    ListSubscriptionItems(; subscription: &SubscriptionId) -> List<SubscriptionItem>
        = Get "/v1/subscription_items" {} + list(SubscriptionItem, SubscriptionItemId);
}

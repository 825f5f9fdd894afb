//! What customers may do in the portal, feature by feature.

use crate::client::parts;
use crate::id::{PriceId, ProductId};
use crate::object::string_enums;
use crate::subscription::ProrationBehavior;

string_enums! {
    /// When a subscription that the customer cancels ends.
    PortalCancelMode {
        /// With its period.
        AtPeriodEnd = "at_period_end",
        /// At once.
        Immediately = "immediately",
    }
}

parts! {
    /// A product that customers may change to, at these prices.
    PortalProduct[] {}

    /// What customers may do; what is not named they may not.
    PortalFeatures() {
        /// Add and choose payment methods.
        payment_method_update: bool = "payment_method_update[enabled]";
        /// See their invoices.
        invoice_history: bool = "invoice_history[enabled]";
    }
}

impl PortalProduct {
    /// This product at these prices.
    pub fn new(product: &ProductId, prices: &[&PriceId]) -> Self {
        let start = Self::start().param("product", product.as_str());
        let numbered = prices.iter().enumerate();
        numbered.fold(start, |part, (index, price)| {
            part.param(&format!("prices[{index}]"), price.as_str())
        })
    }
}

impl PortalFeatures {
    /// Change these of their own data: `email`, `address`, `name`, `phone`, `shipping`, `tax_id`.
    pub fn customer_update(self, allowed: &[&str]) -> Self {
        let start = self.param("customer_update[enabled]", "true");
        let numbered = allowed.iter().enumerate();
        numbered.fold(start, |features, (index, what)| {
            features.param(&format!("customer_update[allowed_updates][{index}]"), what)
        })
    }

    /// Cancel.
    pub fn subscription_cancel(self, mode: &PortalCancelMode) -> Self {
        self.param("subscription_cancel[enabled]", "true")
            .param("subscription_cancel[mode]", mode.as_str())
    }

    /// Change to these products.
    pub fn subscription_update(
        self,
        products: &[PortalProduct],
        proration: &ProrationBehavior,
    ) -> Self {
        use crate::client::Param as _;
        let mut features = self
            .param("subscription_update[enabled]", "true")
            .param("subscription_update[default_allowed_updates][0]", "price")
            .param(
                "subscription_update[default_allowed_updates][1]",
                "quantity",
            )
            .param(
                "subscription_update[proration_behavior]",
                proration.as_str(),
            );
        let mut form = crate::form::Form::new();
        products.put(&mut form, "products");
        features.0.nest("subscription_update", form);
        features
    }
}

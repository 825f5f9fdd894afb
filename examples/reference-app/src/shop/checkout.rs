//! From a member who wants to buy to the page where they pay.

use stripegym_core::Owner;
use stripegym_core::checkout::{CreateSession, LineItem, ReturnUrls};
use stripegym_core::customer::CreateCustomer;
use stripegym_core::id::{CheckoutSessionId, CustomerId, PriceId};

use super::{Shop, ShopError};
use crate::accounts::Member;
use crate::lang::Lang;

/// What a member wants to buy.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) price: PriceId,
    pub(crate) quantity: u32,
    /// The language of the payment page.
    pub(crate) lang: Lang,
}

/// A payment page that waits for its customer.
#[derive(Debug)]
pub(crate) struct PaymentPage {
    pub(crate) id: CheckoutSessionId,
    pub(crate) url: String,
}

impl Shop {
    /// Opens a checkout for one payment. Nothing is sold by it: that happens
    /// when Stripe's webhook says that the money is there.
    pub(crate) async fn check_out(
        &self,
        member: &Member,
        order: &Order,
    ) -> Result<PaymentPage, ShopError> {
        let product = self.catalogue().await?.find(&order.price);
        let product = product.filter(|product| product.is_available);
        let product = product.ok_or(ShopError::NotForSale)?;
        let owner = self.owner(member)?;
        let customer = self.customer(member, &owner).await?;
        let items = [LineItem {
            price: order.price.clone(),
            quantity: order.quantity,
        }];
        let urls = ReturnUrls {
            success: format!(
                "{}/success-checkout?session_id={{CHECKOUT_SESSION_ID}}",
                self.base_url
            ),
            cancel: format!("{}/cancel", self.base_url),
        };
        let session = CreateSession::payment(&items, &urls)
            .customer(&customer)
            .client_reference_id(owner.as_str())
            .metadata("user_id", &member.id.to_string())
            .metadata("product_name", &product.name)
            .payment_metadata("user_id", &member.id.to_string())
            .locale(order.lang.tag())
            .send(&self.stripe)
            .await?;
        let url = session.url()?.ok_or(ShopError::NoPage)?.to_owned();
        Ok(PaymentPage {
            id: session.session_id()?,
            url,
        })
    }

    /// The member's customer at Stripe, made at their first checkout. By way of
    /// the journal, so that there is one, whatever crashes and whoever else is
    /// making it.
    async fn customer(&self, member: &Member, owner: &Owner) -> Result<CustomerId, ShopError> {
        let create = CreateCustomer::new()
            .email(&member.email)
            .name(&member.name)
            .metadata("user_id", &member.id.to_string())
            .metadata("installation", &self.instance);
        Ok(self.journal.customer_of(owner, create).await?)
    }
}

//! Invoice Items: what goes on the next invoice. <https://docs.stripe.com/api/invoiceitems>

#[cfg(feature = "client")]
mod requests;

use serde_json::{Map, Value};

use crate::id::{CustomerId, InvoiceId, InvoiceItemId, PriceId, SubscriptionId};
use crate::invoice::{line_price, parent_subscription};
use crate::money::Currency;
use crate::object::{Expandable, views};

#[cfg(feature = "client")]
pub use requests::*;

views! {
    /// An Invoice Item. <https://docs.stripe.com/api/invoiceitems/object>
    InvoiceItem("invoiceitem") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        invoice_item_id: InvoiceItemId = "id";
        /// Who is to pay; absent once deleted.
        customer: Option<Expandable<CustomerId>>;
        /// The invoice that it is on, once it is.
        invoice: Option<Expandable<InvoiceId>>;
        /// The subscription that it belongs to, in every API version.
        subscription_id: Option<SubscriptionId> => parent_subscription ["parent", "subscription"];
        /// The price that it was made with, in every API version.
        price_id: Option<PriceId> => line_price ["pricing", "price", "plan"];
        /// Minor units; negative is credit.
        amount: i64;
        /// The currency of the amount.
        currency: Currency;
        /// So many.
        quantity: Option<i64>;
        /// What the invoice says.
        description: Option<&str>;
        /// Whether it is the rest of a period.
        proration: Option<bool>;
        /// When it was made, in seconds since the Unix epoch.
        date: i64;
        /// True for real money.
        livemode: bool;
        /// True once it is deleted.
        deleted: Option<bool>;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}

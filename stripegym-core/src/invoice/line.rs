//! Lines of an invoice.

use serde_json::{Map, Value};

use super::shapes::{
    line_invoice_item, line_is_proration, line_kind, line_price, line_product, line_subscription,
    line_subscription_item, line_tax_total,
};
use crate::id::{
    InvoiceId, InvoiceItemId, InvoiceLineId, PriceId, ProductId, SubscriptionId, SubscriptionItemId,
};
use crate::money::Currency;
use crate::object::{string_enums, views};

string_enums! {
    /// What a line came from.
    InvoiceLineKind {
        /// An Invoice Item.
        InvoiceItem = "invoice_item_details" | "invoiceitem",
        /// An item of a subscription.
        SubscriptionItem = "subscription_item_details" | "subscription",
    }
}

views! {
    /// A line of an invoice. <https://docs.stripe.com/api/invoice-line-item/object>
    InvoiceLine("line_item") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        line_id: InvoiceLineId = "id";
        /// Minor units, before discounts and taxes.
        amount: i64;
        /// The currency of the amount.
        currency: Currency;
        /// What it says.
        description: Option<&str>;
        /// The invoice.
        invoice: Option<InvoiceId>;
        /// When the time that it is for begins.
        period_start: i64 = "period"."start";
        /// When the time that it is for ends.
        period_end: i64 = "period"."end";
        /// So many.
        quantity: Option<i64>;
        /// So many, fractions included, as a decimal number; since dahlia.
        quantity_decimal: Option<&str>;
        /// What it came from, in every API version.
        kind: Option<InvoiceLineKind> => line_kind ["parent", "type"];
        /// Its price, in every API version: since basil within `pricing`.
        price_id: Option<PriceId> => line_price ["pricing", "price", "plan"];
        /// Its product, in every API version.
        product_id: Option<ProductId> => line_product ["pricing", "price", "plan"];
        /// Whether it is the rest of a period, in every API version.
        is_proration: bool => line_is_proration ["parent", "proration"];
        /// The Invoice Item that it came from, in every API version.
        invoice_item_id: Option<InvoiceItemId> => line_invoice_item ["parent", "invoice_item"];
        /// The subscription that it belongs to, in every API version.
        subscription_id: Option<SubscriptionId> => line_subscription ["parent", "subscription"];
        /// The subscription's item that it came from, in every API version.
        subscription_item_id: Option<SubscriptionItemId>
            => line_subscription_item ["parent", "subscription_item"];
        /// Its taxes, in every API version.
        tax_total: i64 => line_tax_total ["taxes", "tax_amounts"];
        /// True for real money.
        livemode: bool;
        /// Your own data.
        metadata: Option<&Map<String, Value>>;
    }
}

//! Customers. <https://docs.stripe.com/api/customers/object>

use crate::world::id::{Id, Kind};
use crate::world::json::Json;
use crate::world::money::Currency;

/// A customer.
#[derive(Debug, Clone)]
pub struct Customer {
    /// `cus_…`
    pub id: Id,
    /// Seconds since the Unix epoch.
    pub created: i64,
    /// How often the name was changed; it is part of the name.
    pub renamed: u32,
    /// How often the default payment method was changed, from 1 on.
    pub methods: u32,
    /// Negative is credit, minor units.
    pub balance: i64,
    /// The currency of everything billed to them.
    pub currency: Option<Currency>,
    /// True while an invoice could not be collected.
    pub delinquent: bool,
    /// Gone for good.
    pub deleted: bool,
}

impl Customer {
    /// The default payment method, if they have one.
    #[must_use]
    pub fn method(&self) -> Option<Id> {
        (self.methods > 0).then(|| Id::new(Kind::Method, self.id.operation(), self.methods))
    }

    /// As the API writes it.
    #[must_use]
    pub fn json(&self) -> String {
        let mut json = Json::object();
        json.text("id", self.id).raw("object", "\"customer\"");
        if self.deleted {
            json.flag("deleted", true);
            return json.end();
        }
        json.nulls(&["address"])
            .number("balance", self.balance)
            .number("created", self.created)
            .maybe_text("currency", self.currency)
            .nulls(&["customer_account", "default_source"])
            .flag("delinquent", self.delinquent)
            .nulls(&["description", "discount"])
            .text("email", format_args!("{}@example.com", self.id))
            .within("invoice_settings", |settings| {
                settings
                    .nulls(&["custom_fields"])
                    .maybe_text("default_payment_method", self.method())
                    .nulls(&["footer", "rendering_options"]);
            })
            .flag("livemode", false)
            .raw("metadata", "{}")
            .text("name", format_args!("Customer {}", self.renamed))
            .number("next_invoice_sequence", 1)
            .nulls(&["phone"])
            .raw("preferred_locales", "[]")
            .nulls(&["shipping"])
            .text("tax_exempt", "none")
            .nulls(&["test_clock"]);
        json.end()
    }
}

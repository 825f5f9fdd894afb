//! Search: the objects of one kind that a query matches, page by page.
//! <https://docs.stripe.com/search>
//!
//! Stripe's index lags behind by up to a minute. Here everything is found at once: code that
//! relies on it is wrong, but a test that waits a minute helps nobody.

mod query;

use serde_json::{Value, json};

use super::{Call, Endpoint, Reply};
use crate::error::ApiError;
use crate::kind::Kind;
use crate::params::Param;
use crate::state::Entry;
use crate::tx::Tx;
use query::{Field, Query, Sort};

const LIMIT_DEFAULT: i64 = 10;

const PARAMS: &[Param] = &[
    Param::text("query").required(),
    Param::integer_in("limit", 1, 100),
    Param::text("page"),
];

/// A kind that can be searched, by these fields.
struct Index {
    kind: Kind,
    /// What the kind is called in its path.
    noun: &'static str,
    fields: &'static [Field],
}

const CREATED: Field = Field("created", "created", Sort::Number);
const CURRENCY: Field = Field("currency", "currency", Sort::Token);
const CUSTOMER: Field = Field("customer", "customer", Sort::Token);
const METADATA: Field = Field("metadata", "metadata", Sort::Metadata);
const STATUS: Field = Field("status", "status", Sort::Token);

const CHARGES: Index = Index {
    kind: Kind::Charge,
    noun: "charges",
    fields: &[
        Field("amount", "amount", Sort::Number),
        Field(
            "billing_details.address.postal_code",
            "billing_details.address.postal_code",
            Sort::Token,
        ),
        CREATED,
        CURRENCY,
        CUSTOMER,
        Field("disputed", "disputed", Sort::Token),
        METADATA,
        Field(
            "payment_method_details.card.brand",
            "payment_method_details.card.brand",
            Sort::Token,
        ),
        Field(
            "payment_method_details.card.exp_month",
            "payment_method_details.card.exp_month",
            Sort::Number,
        ),
        Field(
            "payment_method_details.card.exp_year",
            "payment_method_details.card.exp_year",
            Sort::Number,
        ),
        Field(
            "payment_method_details.card.fingerprint",
            "payment_method_details.card.fingerprint",
            Sort::Token,
        ),
        Field(
            "payment_method_details.card.last4",
            "payment_method_details.card.last4",
            Sort::Token,
        ),
        Field("refunded", "refunded", Sort::Token),
        STATUS,
    ],
};

const CUSTOMERS: Index = Index {
    kind: Kind::Customer,
    noun: "customers",
    fields: &[
        CREATED,
        Field("email", "email", Sort::Text),
        METADATA,
        Field("name", "name", Sort::Text),
        Field("phone", "phone", Sort::Text),
    ],
};

const INVOICES: Index = Index {
    kind: Kind::Invoice,
    noun: "invoices",
    fields: &[
        CREATED,
        CURRENCY,
        CUSTOMER,
        Field(
            "last_finalization_error_code",
            "last_finalization_error.code",
            Sort::Token,
        ),
        Field(
            "last_finalization_error_type",
            "last_finalization_error.type",
            Sort::Token,
        ),
        METADATA,
        Field("number", "number", Sort::Token),
        Field("receipt_number", "receipt_number", Sort::Token),
        STATUS,
        Field(
            "subscription",
            "parent.subscription_details.subscription",
            Sort::Token,
        ),
        Field("total", "total", Sort::Number),
    ],
};

const PAYMENT_INTENTS: Index = Index {
    kind: Kind::PaymentIntent,
    noun: "payment_intents",
    fields: &[
        Field("amount", "amount", Sort::Number),
        CREATED,
        CURRENCY,
        CUSTOMER,
        METADATA,
        STATUS,
    ],
};

const PRICES: Index = Index {
    kind: Kind::Price,
    noun: "prices",
    fields: &[
        Field("active", "active", Sort::Token),
        CURRENCY,
        Field("lookup_key", "lookup_key", Sort::Token),
        METADATA,
        Field("product", "product", Sort::Token),
        Field("type", "type", Sort::Token),
    ],
};

const PRODUCTS: Index = Index {
    kind: Kind::Product,
    noun: "products",
    fields: &[
        Field("active", "active", Sort::Token),
        Field("description", "description", Sort::Text),
        METADATA,
        Field("name", "name", Sort::Text),
        Field("shippable", "shippable", Sort::Token),
        Field("url", "url", Sort::Text),
    ],
};

const SUBSCRIPTIONS: Index = Index {
    kind: Kind::Subscription,
    noun: "subscriptions",
    fields: &[
        Field("canceled_at", "canceled_at", Sort::Number),
        CREATED,
        METADATA,
        STATUS,
    ],
};

/// Tried before everything else: `search` is no id.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::get("/v1/charges/search", &[PARAMS], |tx, call| {
        run(tx, call, &CHARGES)
    }),
    Endpoint::get("/v1/customers/search", &[PARAMS], |tx, call| {
        run(tx, call, &CUSTOMERS)
    }),
    Endpoint::get("/v1/invoices/search", &[PARAMS], |tx, call| {
        run(tx, call, &INVOICES)
    }),
    Endpoint::get("/v1/payment_intents/search", &[PARAMS], |tx, call| {
        run(tx, call, &PAYMENT_INTENTS)
    }),
    Endpoint::get("/v1/prices/search", &[PARAMS], |tx, call| {
        run(tx, call, &PRICES)
    }),
    Endpoint::get("/v1/products/search", &[PARAMS], |tx, call| {
        run(tx, call, &PRODUCTS)
    }),
    Endpoint::get("/v1/subscriptions/search", &[PARAMS], |tx, call| {
        run(tx, call, &SUBSCRIPTIONS)
    }),
];

fn run(tx: &mut Tx<'_>, call: &Call, index: &Index) -> Result<Reply, ApiError> {
    let text = call.args.text("query").unwrap_or_default();
    let query = Query::parse(text, index.noun, index.fields)?;
    let limit = call.args.integer("limit").unwrap_or(LIMIT_DEFAULT);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let after = call
        .args
        .text("page")
        .map(|page| place(tx, index, page))
        .transpose()?;
    let entries = tx.state().entries.newest_first(index.kind);
    let found = entries.filter(|entry| !entry.is_deleted() && query.matches(&entry.object));
    let found: Vec<&Entry> = found.collect();
    let rest = found
        .iter()
        .filter(|entry| after.is_none_or(|after| entry.seq < after));
    let page: Vec<&&Entry> = rest.take(limit.saturating_add(1)).collect();
    let has_more = page.len() > limit;
    let page = page.get(..limit).unwrap_or(&page);
    let next = page
        .last()
        .filter(|_| has_more)
        .map(|last| hex::encode(&last.id));
    let data: Vec<Value> = page
        .iter()
        .map(|entry| Value::Object(entry.object.clone()))
        .collect();
    Reply::ok(json!({
        "object": "search_result",
        "url": format!("/v1/{}/search", index.noun),
        "has_more": has_more,
        "next_page": next,
        // Shown only when it is expanded.
        "total_count": found.len(),
        "data": data,
    }))
}

/// Where an earlier page ended. Its name means nothing to anybody else.
fn place(tx: &Tx<'_>, index: &Index, page: &str) -> Result<u64, ApiError> {
    let id = hex::decode(page)
        .ok()
        .and_then(|id| String::from_utf8(id).ok());
    let last = id.and_then(|id| tx.state().entries.of(index.kind, &id));
    last.map(|entry| entry.seq)
        .ok_or_else(|| ApiError::invalid(format!("Invalid page: {page}")).param("page"))
}

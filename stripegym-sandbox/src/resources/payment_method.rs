//! Payment methods: so far those that Checkout makes out of a card.

use serde_json::{Value, json};

use super::{Endpoint, Method, Reply, Resource};
use crate::cards::Card;
use crate::ids::IdShape;
use crate::kind::Kind;
use crate::object::{empty_address, object};
use crate::state::Entry;
use crate::tx::Tx;

const ID: IdShape = IdShape::Modern("pm_");

pub(crate) const RESOURCE: Resource = Resource {
    kind: Kind::PaymentMethod,
    expandable: &["customer"],
    includable: &[],
    wake: None,
    endpoints: &[Endpoint {
        method: Method::Get,
        path: "/v1/payment_methods/{id}",
        params: &[],
        run: |tx, call| Reply::ok(tx.retrieve(Kind::PaymentMethod, &call.id)?.object.clone()),
    }],
};

/// Stores the method of a card. Only its last four digits are known here, on purpose.
pub(crate) fn of_card(tx: &mut Tx<'_>, card: &Card, email: &str, name: &str) -> Entry {
    let id = tx.new_id(ID);
    let method = json!({
        "allow_redisplay": "limited",
        "billing_details": billing_details(email, name),
        "card": {
            "brand": card.brand,
            "checks": {
                "address_line1_check": null,
                "address_postal_code_check": null,
                "cvc_check": "pass",
            },
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "funding": card.funding,
            "generated_from": null,
            "last4": card.last4,
            "networks": { "available": [card.brand], "preferred": null },
            "regulated_status": "unregulated",
            "three_d_secure_usage": { "supported": true },
            "wallet": null,
        },
        "customer": null,
        "customer_account": null,
        "metadata": {},
        "type": "card",
    });
    let entry = tx.entry(Kind::PaymentMethod, id, object(method));
    tx.put(entry.clone());
    entry
}

fn billing_details(email: &str, name: &str) -> Value {
    json!({
        "address": empty_address(),
        "email": email,
        "name": name,
        "phone": null,
        "tax_id": null,
    })
}

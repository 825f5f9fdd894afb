//! Methods whose money comes later.

use serde_json::json;

use super::ID;
use crate::kind::Kind;
use crate::object::{empty_address, object, set};
use crate::resources::delayed::Delayed;
use crate::state::Entry;
use crate::tx::Tx;

/// Stores a method whose money comes later.
pub(crate) fn of_delayed(tx: &mut Tx<'_>, method: Delayed, (email, name): (&str, &str)) -> Entry {
    let id = tx.new_id(ID);
    let mut fields = object(json!({
        "allow_redisplay": "limited",
        "billing_details": {
            "address": empty_address(), "email": email, "name": name, "phone": null, "tax_id": null,
        },
        "customer": null,
        "customer_account": null,
        "metadata": {},
        "type": method.name(),
    }));
    // Whose account it was is nobody's business here.
    let details = match method {
        Delayed::Konbini => json!({}),
        Delayed::SepaDebit => json!({
            "bank_code": null, "branch_code": null, "country": null, "fingerprint": null,
            "generated_from": { "charge": null, "setup_attempt": null }, "last4": null,
        }),
    };
    set(&mut fields, method.name(), details);
    let mut entry = tx.entry(Kind::PaymentMethod, id, fields);
    set(&mut entry.hidden, "used_up", true);
    tx.put(entry.clone());
    entry
}

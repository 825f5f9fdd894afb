//! From the one model inside to the shape of an API version outside.
//!
//! The model is the newest version; each rule here undoes one change for callers that speak an
//! older one. Answers of the API and, later, bodies of webhooks both pass through.

use serde_json::Value;

use crate::version::ApiVersion;

/// Rewrites `value` and everything inside it for `version`.
pub(crate) fn render(value: &mut Value, version: &ApiVersion) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| render(item, version)),
        Value::Object(fields) => {
            if fields.get("object").is_some_and(|name| name == "event") {
                // A stored event never changes its shape: its version was fixed when it arose.
                return;
            }
            if fields
                .get("object")
                .is_some_and(|name| name == "checkout.session")
                && !version.is_at_least(ApiVersion::DAHLIA)
                && let Some(mode) = fields.get_mut("ui_mode")
                && mode == "hosted_page"
            {
                *mode = Value::from("hosted");
            }
            fields.values_mut().for_each(|field| render(field, version));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sessions_show_the_old_name_of_hosted_pages_to_old_versions_only() {
        let session = json!({"data": [{"object": "checkout.session", "ui_mode": "hosted_page"}]});
        let basil = ApiVersion::from_header(Some("2025-07-30.basil")).unwrap();
        let mut old = session.clone();
        render(&mut old, &basil);
        assert_eq!(old["data"][0]["ui_mode"], "hosted");
        let mut new = session.clone();
        render(&mut new, &ApiVersion::default());
        assert_eq!(new, session);
    }
}

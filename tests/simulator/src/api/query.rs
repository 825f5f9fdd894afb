//! The parameters of a request.

use crate::world::id::Id;

/// What a list or an object was asked for with.
#[derive(Debug, Default)]
pub(super) struct Query<'a> {
    pub(super) limit: usize,
    pub(super) starting_after: Option<&'a str>,
    pub(super) from: Option<i64>,
    pub(super) before: Option<i64>,
    pub(super) status: Option<&'a str>,
    pub(super) expand: Vec<&'a str>,
    /// Fields that must hold this id.
    pub(super) fields: Vec<(&'a str, Id)>,
    /// What we do not know; Stripe answers 400.
    pub(super) unknown: Option<&'a str>,
}

impl<'a> Query<'a> {
    pub(super) fn parse(query: Option<&'a str>) -> Self {
        let mut parsed = Self {
            limit: 10,
            ..Self::default()
        };
        let pairs = query.unwrap_or_default().split('&');
        for (key, value) in pairs.filter_map(|pair| pair.split_once('=')) {
            match key {
                "limit" => parsed.limit = value.parse().unwrap_or(10),
                "starting_after" => parsed.starting_after = Some(value),
                "created%5Bgte%5D" => parsed.from = value.parse().ok(),
                "created%5Bgt%5D" => parsed.from = value.parse().ok().map(|s: i64| s + 1),
                "created%5Blt%5D" => parsed.before = value.parse().ok(),
                "created%5Blte%5D" => parsed.before = value.parse().ok().map(|s: i64| s + 1),
                "status" => parsed.status = Some(value),
                "payment%5Btype%5D" => {}
                "payment%5Bpayment_intent%5D" => parsed.field("payment_intent", value),
                "customer" | "subscription" | "invoice" | "charge" | "payment_intent"
                | "source" | "payout" => parsed.field(key, value),
                _ if key.starts_with("expand") => parsed.expand.push(value),
                _ => parsed.unknown = Some(key),
            }
        }
        parsed
    }

    fn field(&mut self, key: &'a str, value: &'a str) {
        match Id::parse(value) {
            Some(id) => self.fields.push((key, id)),
            None => self.unknown = Some(key),
        }
    }

    pub(super) fn expands(&self, path: &str) -> bool {
        self.expand.contains(&path)
    }
}

//! Random requests to every path: whatever comes in, the answer is Stripe's, never a panic and
//! never a 500.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use serde_json::Value;
use tower_service::Service;

use crate::clock::Stopwatch;
use crate::params::{Param, Shape};
use crate::resources::{self, Endpoint, Method};
use crate::{ManualClock, Sandbox};

/// How long, in seconds.
const BUDGET: &str = "STRIPEGYM_FUZZ_SECONDS";
const SEED: &str = "STRIPEGYM_FUZZ_SEED";

/// A new sandbox after so many requests: lists stay short, and a case found can be repeated.
const REQUESTS: u64 = 400;

const IDS_MAX: usize = 60;

/// More is no address for the `http` crate.
const URI_MAX: usize = 60_000;

/// Texts that are something to somebody.
const WORDS: &[&str] = &[
    "",
    "a",
    "0",
    "-1",
    "1",
    "50",
    "999999",
    "9223372036854775807",
    "9223372036854775808",
    "1e9",
    "0.5",
    "12.000000000001",
    "true",
    "false",
    "null",
    "now",
    "jpy",
    "usd",
    "kwd",
    "zzz",
    "month",
    "year",
    "day",
    "pm_card_visa",
    "pm_card_chargeCustomerFail",
    "pm_card_createDispute",
    "pm_card_threeDSecure2Required",
    "pm_card_chargeDeclined",
    "tok_visa",
    "cus_nobody",
    "1760000000",
    "1760086400",
    "1762678400",
    "99999999999999",
    "http://shop.test/",
    "http://[",
    "a@b.c",
    "data.customer",
    "latest_invoice.payments",
    "customer",
    "\u{0}",
    "名前",
    "name:\"x\"",
    "created>0",
    "metadata[\"a\"]:\"b\" AND -email~\"x\"",
    "\\\"",
    "%",
    "[",
    "]",
    "2025-07-30.basil",
    "evt_1",
    "customer.created",
    "*",
    "off",
    "active",
    "canceled",
];

struct Dice(u64);

impl Dice {
    /// `SplitMix64`.
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// What requests are made of: chance, and ids that were answered before.
struct Author {
    dice: Dice,
    ids: VecDeque<String>,
    /// Few parameters this time: more of them get through.
    sparse: bool,
}

impl Author {
    fn request(&mut self) -> (&'static str, String, String) {
        let endpoints: Vec<&Endpoint> = resources::ALL
            .iter()
            .flat_map(|resource| resource.endpoints)
            .chain(resources::search::ENDPOINTS)
            .collect();
        let endpoint = self.dice.pick(&endpoints);
        let mut path = endpoint.path.replace("{id}", &self.id_for(endpoint.path));
        path = path.replace("{other}", &self.id_for("/"));
        if self.dice.one_in(200) {
            path.push_str("/more");
        }
        let mut form = Vec::new();
        self.sparse = self.dice.one_in(2);
        for param in endpoint.params.iter().copied().flatten() {
            self.param(param, "", &mut form);
        }
        if self.dice.one_in(10) {
            form.push(("expand[]".to_owned(), self.word()));
        }
        if self.dice.one_in(50) {
            form.push((self.word(), self.word()));
        }
        let form: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
            .collect();
        let method = match endpoint.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Delete => "DELETE",
        };
        (method, path, form.join("&"))
    }

    fn param(&mut self, param: &Param, at: &str, form: &mut Vec<(String, String)>) {
        let unlikely = if self.sparse { 12 } else { 3 };
        if !self.dice.one_in(if param.required { 1 } else { unlikely })
            || param.required && self.dice.one_in(40)
        {
            return;
        }
        let name = if at.is_empty() {
            param.name.to_owned()
        } else {
            format!("{at}[{}]", param.name)
        };
        self.value(param.shape, param.name, name, form);
    }

    fn value(&mut self, shape: Shape, what: &str, name: String, form: &mut Vec<(String, String)>) {
        if self.dice.one_in(25) {
            return form.push((name, self.word()));
        }
        match shape {
            Shape::Hash(fields) | Shape::TextOrHash(fields) => {
                for field in fields {
                    self.param(field, &name, form);
                }
            }
            Shape::List { of, .. } => {
                for index in 0..=self.dice.below(3) {
                    self.value(*of, what, format!("{name}[{index}]"), form);
                }
            }
            Shape::Metadata => form.push((format!("{name}[{}]", self.word()), self.word())),
            Shape::Range if self.dice.one_in(2) => {
                form.push((format!("{name}[gte]"), self.word()));
            }
            Shape::NotYet if !self.dice.one_in(30) => {}
            scalar => {
                let text = self.text(scalar, what);
                form.push((name, text));
            }
        }
    }

    fn text(&mut self, shape: Shape, what: &str) -> String {
        const CLOSE: &[&str] = &["now", "1760003600", "1762678400", "1791536000"];
        match shape {
            Shape::Boolean => self.dice.pick(&["true", "false"]).to_owned(),
            Shape::Choice(values) => self.dice.pick(values).to_owned(),
            Shape::Currency => self.dice.pick(&["jpy", "jpy", "usd", "kwd"]).to_owned(),
            Shape::Email => "ann@example.com".to_owned(),
            Shape::Url => "http://127.0.0.1:9/back".to_owned(),
            Shape::Integer { min, max } => match self.dice.below(6) {
                0 => min.to_string(),
                1 => max.to_string(),
                2 => self.word(),
                3 => self.dice.pick(CLOSE).to_owned(),
                _ => self.dice.below(3_000).to_string(),
            },
            Shape::Decimal => format!("{}.5", self.dice.below(3_000)),
            Shape::Text { max } if self.dice.one_in(60) => "長".repeat(max + 1),
            Shape::Text { .. } if what.ends_with("end") || what.ends_with("_date") => {
                self.dice.pick(CLOSE).to_owned()
            }
            Shape::Text { .. } if what.contains("payment_method") => {
                let cards: Vec<&str> = WORDS
                    .iter()
                    .copied()
                    .filter(|word| word.starts_with("pm_"))
                    .collect();
                self.dice.pick(&cards).to_owned()
            }
            Shape::Text { .. } => self.id_for(what),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> String {
        self.dice.pick(WORDS).to_owned()
    }

    /// Mostly an id that fits: what is only ever refused is not worth much.
    fn id_for(&mut self, what: &str) -> String {
        let prefix = PREFIXES.iter().find(|(noun, _)| what.contains(noun));
        let fits = |id: &&String| prefix.is_none_or(|(_, prefix)| id.starts_with(prefix));
        let fitting: Vec<&String> = self.ids.iter().filter(fits).collect();
        if fitting.is_empty() || self.dice.one_in(12) {
            return self.word();
        }
        fitting[self.dice.below(fitting.len())].clone()
    }

    /// Keeps the ids of an answer, the newest for longest.
    fn learn(&mut self, answer: &Value) {
        if let Some(id) = answer["id"].as_str() {
            self.ids.push_back(id.to_owned());
            if self.ids.len() > IDS_MAX {
                self.ids.pop_front();
            }
        }
    }
}

/// Which ids a parameter or a path wants; the first that fits.
const PREFIXES: &[(&str, &str)] = &[
    ("subscription_schedules", "sub_sched_"),
    ("subscription_items", "si_"),
    ("subscription", "sub_"),
    ("invoiceitems", "ii_"),
    ("invoice", "in_"),
    ("payment_intent", "pi_"),
    ("setup_intent", "seti_"),
    ("checkout", "cs_"),
    ("customer", "cus_"),
    ("price", "price_"),
    ("product", "prod_"),
    ("refund", "re_"),
    ("charge", "ch_"),
    ("dispute", "d"),
    ("clock", "clock_"),
    ("promotion_code", "promo_"),
    ("webhook_endpoints", "we_"),
    ("configuration", "bpc_"),
    ("payout", "po_"),
];

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// So many requests to a fresh sandbox, all from one seed. Answers how many it understood.
async fn round(seed: u64) -> u64 {
    let clock = ManualClock::new(1_760_000_000);
    let builder = Sandbox::builder().seed(seed);
    let sandbox = builder
        .clock(std::sync::Arc::new(clock))
        .start()
        .await
        .unwrap();
    let mut author = Author {
        dice: Dice(seed),
        ids: VecDeque::new(),
        sparse: false,
    };
    let mut good = 0;
    for _ in 0..REQUESTS {
        if author.dice.one_in(100) {
            sandbox.advance(20).unwrap();
        }
        let (method, path, form) = author.request();
        let case = format!("seed {seed}: {method} {path} {form}");
        let (query, body) = if method == "POST" {
            (String::new(), form)
        } else {
            (format!("?{form}"), String::new())
        };
        // Paths are compared as they come, so that only what a path cannot hold is escaped.
        let safe = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
        let target: String = path
            .chars()
            .map(|c| {
                if safe(c) {
                    c.to_string()
                } else {
                    escape(&c.to_string())
                }
            })
            .collect();
        let uri = format!("{target}{query}");
        if uri.len() > URI_MAX {
            continue;
        }
        let request = Request::builder()
            .method(method)
            .uri(uri)
            .header("authorization", "Bearer sk_test_fuzz")
            .body(Bytes::from(body))
            .unwrap();
        let mut service = sandbox.service();
        let answered = tokio::spawn(async move { service.call(request).await });
        let Ok(Ok(response)) = answered.await else {
            panic!("a panic, by {case}");
        };
        let status = response.status();
        assert!(!status.is_server_error(), "{status}, by {case}");
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        assert!(
            status.is_success() || answer["error"]["type"].is_string(),
            "{case}"
        );
        good += u64::from(status.is_success());
        author.learn(&answer);
    }
    sandbox.shutdown().await;
    good
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[tokio::test]
async fn no_request_breaks_it() {
    let budget = Duration::from_secs(number(BUDGET, 10));
    let first = number(SEED, 1);
    let watch = Stopwatch::start();
    let (mut rounds, mut good) = (0, 0);
    while u128::from(watch.elapsed_ms()) < budget.as_millis() {
        good += round(first + rounds).await;
        rounds += 1;
    }
    println!("{} requests, {good} of them understood", rounds * REQUESTS);
    assert!(good > rounds, "hardly any request does what it should");
}

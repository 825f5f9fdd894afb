//! `/p/session/{secret}`: the billing portal, in English and Japanese, without any script.

mod page;
mod words;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use super::language::Language;
use crate::cards::{Card, CardError, CardInput, year_and_month};
use crate::engine::Engine;
use crate::error::ApiError;
use crate::form::{self, Node};
use crate::kind::Kind;
use crate::money;
use crate::object::{Object, dig, integer, object, set, text};
use crate::params::Args;
use crate::resources::{payment_method, portal, setup_intent, subscription};
use crate::state::{Entry, State};
use crate::tx::{Origin, Tx};
use crate::web::redirect;
use page::is_enabled;
use words::{ENGLISH, JAPANESE, Words};

/// What one customer sees.
struct View<'a> {
    words: &'a Words,
    session: Entry,
    customer: Entry,
    features: Object,
    subscriptions: Vec<Entry>,
}

impl View<'_> {
    fn build<'w>(state: &State, session: Entry, words: &'w Words) -> Option<View<'w>> {
        let customer = text(&session.object, "customer")?;
        let customer = state.entries.of(Kind::Customer, customer)?.clone();
        let mine = state
            .entries
            .newest_first(Kind::Subscription)
            .filter(|entry| {
                text(&entry.object, "customer") == Some(&customer.id)
                    && !subscription::has_ended(&entry.object)
            });
        let subscriptions = mine.cloned().collect();
        let features = portal::features(state, &session);
        Some(View {
            words,
            session,
            customer,
            features,
            subscriptions,
        })
    }

    /// The prices that a subscription of one item may be switched to.
    fn plans(&self, state: &State, entry: &Entry) -> Vec<Entry> {
        let items = subscription::items_of(&entry.object);
        let [item] = items.as_slice() else {
            return Vec::new();
        };
        let offered = dig(&self.features, "subscription_update.products").as_array();
        let prices = state.entries.newest_first(Kind::Price).filter(|price| {
            let listed = offered.is_none_or(|products| {
                products.iter().any(|product| {
                    let prices = product["prices"].as_array();
                    prices.is_some_and(|prices| prices.contains(&json!(price.id)))
                })
            });
            listed
                && page::is_plan(&price.object)
                && item["price"]["id"] != price.id.as_str()
                && item["price"]["currency"] == *dig(&price.object, "currency")
        });
        prices.cloned().collect()
    }
}

/// `Basic, ¥1,000 / month`.
fn price_name(state: &State, price: &Object) -> String {
    let product = text(price, "product").and_then(|id| state.entries.of(Kind::Product, id));
    let name = product.and_then(|entry| text(&entry.object, "name"));
    let currency = text(price, "currency").unwrap_or_default();
    let amount = integer(price, "unit_amount").unwrap_or_default();
    let interval = dig(price, "recurring.interval")
        .as_str()
        .unwrap_or_default();
    let amount = money::format(currency, amount);
    format!("{}, {amount} / {interval}", name.unwrap_or_default())
}

/// Answers `/p/session/{secret}`.
pub(crate) fn respond(
    engine: &Arc<Engine>,
    request: &Request<Bytes>,
    secret: &str,
) -> Response<Bytes> {
    let accepted = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|v| v.to_str().ok());
    let merchant = &engine.settings.merchant_name;
    let words_of = |locale: &str| match Language::choose(locale, accepted) {
        Language::English => &ENGLISH,
        Language::Japanese => &JAPANESE,
    };
    let now = engine.now_ms().div_euclid(1000);
    let gone = |words: &Words| {
        page::notice(
            words,
            merchant,
            (words.gone, words.gone_text),
            StatusCode::GONE,
        )
    };
    if engine.wake().is_err() {
        return gone(words_of("auto"));
    }
    let Some(session) = engine.read(|state| portal::find(state, secret, now)) else {
        return gone(words_of("auto"));
    };
    let words = words_of(text(&session.object, "locale").unwrap_or("auto"));
    let view = |state: &State| View::build(state, session.clone(), words);
    let problem = if *request.method() == Method::POST {
        let Some(view) = engine.read(view) else {
            return gone(words);
        };
        let fields = fields(request.body());
        let origin = Origin {
            request_id: Some(engine.request_id()),
            ..Origin::default()
        };
        match engine.transact(origin, |tx| act(tx, &view, &fields)) {
            Ok(Next::Bank(url)) => return redirect(&url),
            Ok(Next::Card(error)) => Some(error.message().to_owned()),
            Ok(Next::Done) => return done(&view, merchant),
            Err(error) => Some(error.message().to_owned()),
        }
    } else {
        None
    };
    engine.read(|state| match view(state) {
        Some(view) => page::show(&view, state, merchant, problem.as_deref()),
        None => gone(words),
    })
}

/// Back to the page, or where the flow leads.
fn done(view: &View<'_>, merchant: &str) -> Response<Bytes> {
    let session = &view.session.object;
    match dig(session, "flow.after_completion.type").as_str() {
        Some("redirect") => {
            let url = dig(session, "flow.after_completion.redirect.return_url");
            redirect(url.as_str().unwrap_or("/"))
        }
        Some("hosted_confirmation") => {
            let said = dig(
                session,
                "flow.after_completion.hosted_confirmation.custom_message",
            );
            let said = said.as_str().unwrap_or_default();
            page::notice(
                view.words,
                merchant,
                (view.words.done, said),
                StatusCode::OK,
            )
        }
        _ => redirect(text(session, "url").unwrap_or("/")),
    }
}

fn fields(body: &[u8]) -> Vec<(String, String)> {
    let body = std::str::from_utf8(body).unwrap_or_default();
    match form::decode("", body) {
        Ok(Node::Hash(fields)) => fields
            .into_iter()
            .filter_map(|(name, node)| match node {
                Node::Text(text) => Some((name, text)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

enum Next {
    Done,
    /// The bank asks before it lets the card be kept.
    Bank(String),
    Card(CardError),
}

fn act(tx: &mut Tx<'_>, view: &View<'_>, fields: &[(String, String)]) -> Result<Next, ApiError> {
    let field = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.trim())
    };
    let action = field("action");
    let feature = match action {
        "cancel" | "resume" => "subscription_cancel",
        "switch" | "confirm" => "subscription_update",
        "card" => "payment_method_update",
        _ => return Err(ApiError::invalid("There is no such action.")),
    };
    if !is_enabled(&view.features, feature) {
        return Err(ApiError::invalid("The portal does not offer this."));
    }
    if action == "card" {
        let input = CardInput {
            number: field("number"),
            expiry: field("expiry"),
            cvc: field("cvc"),
        };
        return save_card(tx, view, input);
    }
    let mine = view
        .subscriptions
        .iter()
        .find(|entry| entry.id == field("subscription"));
    let mine = mine.ok_or_else(|| ApiError::not_found("subscription", field("subscription")))?;
    let entry = tx.open(Kind::Subscription, &mine.id)?;
    let immediately = *dig(&view.features, "subscription_cancel.mode") == "immediately";
    let mut args = Args::default();
    match action {
        "cancel" if immediately => {
            return subscription::end(tx, entry, "cancellation_requested").map(|_| Next::Done);
        }
        "cancel" => set(&mut args.0, "cancel_at_period_end", true),
        "resume" => set(&mut args.0, "cancel_at_period_end", false),
        "confirm" => {
            let items = dig(
                &view.session.object,
                "flow.subscription_update_confirm.items",
            );
            set(&mut args.0, "items", items.clone());
        }
        _ => {
            let price = field("price");
            let plans = view.plans(tx.state(), mine);
            if !plans.iter().any(|plan| plan.id == price) {
                return Err(ApiError::invalid("The portal does not offer this plan."));
            }
            let items = subscription::items_of(&entry.object);
            let item = items.first().map(|item| item["id"].clone());
            set(
                &mut args.0,
                "items",
                json!([{ "id": item, "price": price }]),
            );
        }
    }
    if feature == "subscription_update" {
        let behavior = dig(&view.features, "subscription_update.proration_behavior").clone();
        set(&mut args.0, "proration_behavior", behavior);
    }
    subscription::change(tx, entry, &args)?;
    Ok(Next::Done)
}

fn save_card(tx: &mut Tx<'_>, view: &View<'_>, input: CardInput<'_>) -> Result<Next, ApiError> {
    let card = match Card::check(input, year_and_month(tx.now())) {
        Ok(card) => card,
        Err(error) => return Ok(Next::Card(error)),
    };
    let field = |name: &str| text(&view.customer.object, name).unwrap_or_default();
    let method = payment_method::of_card(tx, &card, field("email"), field("name"));
    let mut intent = setup_intent::open(tx, Some(&view.customer.id), "off_session");
    set(&mut intent.hidden, "make_default", true);
    tx.create(intent.clone(), "setup_intent.created");
    let id = intent.id.clone();
    let back = text(&view.session.object, "url");
    if let Some(error) = setup_intent::attempt(tx, intent, &method, false, back)? {
        return Ok(Next::Card(error));
    }
    let after = tx.known(Kind::SetupIntent, &id)?;
    if text(&after.object, "status") == Some("requires_action") {
        return Ok(Next::Bank(format!("{}/c/3ds/{id}", tx.settings.public_url)));
    }
    Ok(Next::Done)
}

/// A card saved on the portal is the one for invoices from then on.
pub(crate) fn make_default(tx: &mut Tx<'_>, customer: &str, method: &str) -> Result<(), ApiError> {
    let mut entry = tx.known(Kind::Customer, customer)?;
    let before = entry.object.clone();
    let settings = entry.object.remove("invoice_settings").map(object);
    let mut settings = settings.unwrap_or_default();
    set(&mut settings, "default_payment_method", method);
    set(
        &mut entry.object,
        "invoice_settings",
        Value::Object(settings),
    );
    tx.update(&before, entry, "customer.updated");
    let mine = tx
        .state()
        .entries
        .newest_first(Kind::Subscription)
        .filter(|entry| {
            text(&entry.object, "customer") == Some(customer)
                && text(&entry.object, "default_payment_method").is_some()
                && !subscription::has_ended(&entry.object)
        });
    let mine: Vec<Entry> = mine.cloned().collect();
    for mut entry in mine {
        let before = entry.object.clone();
        set(&mut entry.object, "default_payment_method", method);
        tx.update(&before, entry, "customer.subscription.updated");
    }
    Ok(())
}

//! Lists: one table per section, newest first, a page at a time.

use maud::{Markup, html};
use serde_json::Value;

use super::Page;
use super::frame::{badge, link, moment};
use crate::kind::Kind;
use crate::money;
use crate::object::dig;
use crate::state::{Entry, State};

const ROWS_MAX: usize = 25;

/// A list of one kind.
pub(super) struct List {
    pub(super) slug: &'static str,
    pub(super) title: &'static str,
    pub(super) kind: Kind,
    columns: &'static [Column],
    /// What to do when there is nothing yet.
    empty: &'static str,
    /// A command that makes one, without its address and key.
    example: &'static str,
}

struct Column(&'static str, Cell);

#[derive(Clone, Copy)]
enum Cell {
    Text(&'static str),
    Link(&'static str),
    Status(&'static str),
    /// The path of an amount; its currency is the object's.
    Money(&'static str),
    Time(&'static str),
    /// How many endpoints have acknowledged an event.
    Delivered,
    /// What a subscription is for.
    Items,
}

const CREATED: Column = Column("Created (UTC)", Cell::Time("created"));

pub(super) const LISTS: [List; 7] = [
    List {
        slug: "customers",
        title: "Customers",
        kind: Kind::Customer,
        columns: &[
            Column("Email", Cell::Text("email")),
            Column("Name", Cell::Text("name")),
            CREATED,
        ],
        empty: "A customer is made by the API, or by whoever pays at the checkout.",
        example: "/v1/customers -d email=ann@example.com -d name=Ann",
    },
    List {
        slug: "checkout",
        title: "Checkout sessions",
        kind: Kind::CheckoutSession,
        columns: &[
            Column("Status", Cell::Status("status")),
            Column("Payment", Cell::Status("payment_status")),
            Column("Mode", Cell::Text("mode")),
            Column("Total", Cell::Money("amount_total")),
            CREATED,
        ],
        empty: "Make a session, open the url in the answer, and pay with 4242 4242 4242 4242.",
        example: "/v1/checkout/sessions -d mode=payment \\\n  \
                  -d 'line_items[0][price_data][currency]=usd' \\\n  \
                  -d 'line_items[0][price_data][unit_amount]=1000' \\\n  \
                  -d 'line_items[0][price_data][product_data][name]=Tea' \\\n  \
                  -d 'line_items[0][quantity]=2' \\\n  -d success_url=http://localhost/thanks",
    },
    List {
        slug: "payments",
        title: "Payments",
        kind: Kind::PaymentIntent,
        columns: &[
            Column("Status", Cell::Status("status")),
            Column("Amount", Cell::Money("amount")),
            Column("Customer", Cell::Link("customer")),
            Column("Reason", Cell::Text("last_payment_error.message")),
            CREATED,
        ],
        empty: "Pay a checkout session, or confirm a payment intent with a test card.",
        example: "/v1/payment_intents -d amount=1000 -d currency=usd \\\n  \
                  -d payment_method=pm_card_visa -d confirm=true \\\n  \
                  -d return_url=http://localhost/back",
    },
    List {
        slug: "subscriptions",
        title: "Subscriptions",
        kind: Kind::Subscription,
        columns: &[
            Column("Status", Cell::Status("status")),
            Column("For", Cell::Items),
            Column("Customer", Cell::Link("customer")),
            Column("Ends (UTC)", Cell::Time("cancel_at")),
            CREATED,
        ],
        empty: "A subscription needs a customer with a card and a recurring price. Make the price:",
        example: "/v1/prices -d currency=usd -d unit_amount=900 \\\n  \
                  -d 'recurring[interval]=month' -d 'product_data[name]=Box'",
    },
    List {
        slug: "invoices",
        title: "Invoices",
        kind: Kind::Invoice,
        columns: &[
            Column("Number", Cell::Text("number")),
            Column("Status", Cell::Status("status")),
            Column("Due", Cell::Money("amount_due")),
            Column("Customer", Cell::Link("customer")),
            CREATED,
        ],
        empty: "Subscriptions make invoices by themselves; by hand, start with a customer:",
        example: "/v1/invoices -d customer=cus_...",
    },
    List {
        slug: "events",
        title: "Events",
        kind: Kind::Event,
        columns: &[
            Column("Type", Cell::Text("type")),
            Column("Webhooks", Cell::Delivered),
            Column("About", Cell::Link("data.object.id")),
            CREATED,
        ],
        empty: "Whatever happens leaves an event. Let something happen:",
        example: "/v1/customers -d name=Ann",
    },
    List {
        slug: "endpoints",
        title: "Webhook endpoints",
        kind: Kind::WebhookEndpoint,
        columns: &[
            Column("URL", Cell::Text("url")),
            Column("Status", Cell::Status("status")),
            Column("Version", Cell::Text("api_version")),
            CREATED,
        ],
        empty: "Nobody listens yet. Start with --forward-to, or register an endpoint:",
        example: "/v1/webhook_endpoints -d url=http://127.0.0.1:8080/webhook \\\n  \
                  -d 'enabled_events[0]=*'",
    },
];

/// The balance has its own page around this one.
pub(super) const TRANSACTIONS: List = List {
    slug: "balance",
    title: "Balance transactions",
    kind: Kind::BalanceTransaction,
    columns: &[
        Column("Type", Cell::Text("type")),
        Column("Amount", Cell::Money("amount")),
        Column("Fee", Cell::Money("fee")),
        Column("Net", Cell::Money("net")),
        Column("Status", Cell::Status("status")),
        Column("Source", Cell::Link("source")),
        CREATED,
    ],
    empty: "Every charge, refund, dispute and payout moves the balance. Take a payment:",
    example: "/v1/payment_intents -d amount=1000 -d currency=usd \\\n  \
              -d payment_method=pm_card_visa -d confirm=true \\\n  \
              -d return_url=http://localhost/back",
};

/// The clocks as well.
pub(super) const CLOCKS: List = List {
    slug: "clocks",
    title: "Test clocks",
    kind: Kind::TestClock,
    columns: &[
        Column("Name", Cell::Text("name")),
        Column("Its time (UTC)", Cell::Time("frozen_time")),
        Column("Status", Cell::Status("status")),
    ],
    empty: "A test clock moves the customers that belong to it through time.",
    example: "/v1/test_helpers/test_clocks -d frozen_time=$(date +%s)",
};

/// The section of this name.
pub(super) fn page(state: &State, slug: &str, after: Option<&str>) -> Option<Page> {
    let list = LISTS.iter().find(|list| list.slug == slug)?;
    let body = html! {
        h1 { (list.title) }
        (table(state, list, after, ROWS_MAX))
    };
    Some(Page::new(list.title, list.slug, body))
}

/// Its rows, and where the next ones are.
pub(super) fn table(state: &State, list: &List, after: Option<&str>, max: usize) -> Markup {
    let after = after.and_then(|id| state.entries.of(list.kind, id));
    let rows = state.entries.newest_first(list.kind);
    let rows = rows.filter(|entry| !entry.is_deleted());
    let rows = rows.filter(|entry| after.is_none_or(|after| entry.seq < after.seq));
    let rows: Vec<&Entry> = rows.take(max.saturating_add(1)).collect();
    let more = rows.len() > max;
    let rows = rows.get(..max).unwrap_or(&rows);
    html! {
        @if rows.is_empty() && after.is_none() {
            (empty(list))
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(list.title) {
                table {
                    thead { tr {
                        th scope="col" { "Id" }
                        @for Column(title, cell) in list.columns {
                            th.number[cell.is_number()] scope="col" { (title) }
                        }
                    } }
                    tbody { @for entry in rows { (row(state, list, entry)) } }
                }
            }
            (pages(list, after.is_some(), rows.last().filter(|_| more)))
        }
    }
}

fn empty(list: &List) -> Markup {
    html! {
        div.empty {
            p { strong { "Nothing here yet. " } (list.empty) }
            pre tabindex="0" { code { "curl -u sk_test_anything: $SANDBOX" (list.example) } }
            p.soft { "$SANDBOX is this page's address, without the path." }
        }
    }
}

fn row(state: &State, list: &List, entry: &Entry) -> Markup {
    html! {
        tr {
            td { (link(&entry.id)) }
            @for Column(_, cell) in list.columns {
                td.number[cell.is_number()] { (cell.show(state, entry)) }
            }
        }
    }
}

fn pages(list: &List, is_later: bool, last: Option<&&Entry>) -> Markup {
    let path = super::frame::path_of(list.slug);
    html! {
        @if is_later || last.is_some() {
            nav.pages aria-label="Pages" {
                @if is_later { a href=(path) { "Newest" } }
                @if let Some(last) = last { a rel="next" href={ (path) "?after=" (last.id) } { "Older" } }
            }
        }
    }
}

impl Cell {
    fn is_number(self) -> bool {
        matches!(self, Self::Money(_))
    }

    fn show(self, state: &State, entry: &Entry) -> Markup {
        let at = |path: &str| dig(&entry.object, path);
        match self {
            Self::Text(path) => html! { (at(path).as_str().unwrap_or("–")) },
            Self::Status(path) => match at(path).as_str() {
                Some(status) => badge(status),
                None => html! { "–" },
            },
            Self::Link(path) => match at(path).as_str() {
                Some(id) if state.entries.get(id).is_some() => link(id),
                Some(id) => html! { (id) },
                None => html! { "–" },
            },
            Self::Money(path) => match (at(path).as_i64(), at("currency").as_str()) {
                (Some(minor), Some(currency)) => html! { (money::format(currency, minor)) },
                _ => html! { "–" },
            },
            Self::Time(path) => match at(path).as_i64() {
                Some(seconds) => html! { (moment(seconds)) },
                None => html! { "–" },
            },
            Self::Delivered => delivered(state, entry),
            Self::Items => items(state, entry),
        }
    }
}

fn delivered(state: &State, entry: &Entry) -> Markup {
    let all: Vec<bool> = state
        .deliveries
        .of_event(&entry.id)
        .map(|delivery| delivery.acknowledged)
        .collect();
    let done = all.iter().filter(|done| **done).count();
    match (done, all.len()) {
        (_, 0) => html! { span.soft { "nobody listens" } },
        (done, total) if done == total => badge("delivered"),
        (done, total) => html! { (badge("not delivered")) " " (done) " of " (total) },
    }
}

fn items(state: &State, entry: &Entry) -> Markup {
    let items = dig(&entry.object, "items.data").as_array();
    let names = items.into_iter().flatten().map(|item| {
        let product = item["price"]["product"].as_str();
        let product = product.and_then(|id| state.entries.of(Kind::Product, id));
        let name = product.and_then(|product| product.object.get("name"));
        let name = name.and_then(Value::as_str).unwrap_or("?").to_owned();
        match item["quantity"].as_i64() {
            None | Some(1) => name,
            Some(quantity) => format!("{quantity} × {name}"),
        }
    });
    let names: Vec<String> = names.collect();
    html! { (names.join(", ")) }
}

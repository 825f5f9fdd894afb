//! The pages themselves.

use bytes::Bytes;
use http::{Response, StatusCode};

use super::form::Typed;
use super::language::{Language, Words};
use crate::cards::CardError;
use crate::error::ApiError;
use crate::html::Html;
use crate::money;
use crate::object::{integer, text};
use crate::resources::checkout_session::{lines, needs_card};
use crate::state::Entry;

/// What has to be put right before the form can go through.
#[derive(Debug, Clone, Copy)]
pub(super) enum Problem {
    Email,
    Name,
    Card(CardError),
}

impl Problem {
    /// The field that is wrong.
    fn field(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Name => "name",
            Self::Card(error) => match error.code {
                "invalid_expiry_month" | "invalid_expiry_year" | "expired_card" => "expiry",
                "invalid_cvc" | "incorrect_cvc" => "cvc",
                _ => "number",
            },
        }
    }

    fn message(self, language: Language) -> &'static str {
        match self {
            Self::Email => language.words().email_invalid,
            Self::Name => language.words().name_missing,
            Self::Card(error) => language.card_error(error),
        }
    }
}

/// The form, fresh or with what went wrong.
pub(super) fn checkout(
    language: Language,
    merchant: &str,
    session: &Entry,
    typed: &Typed,
    problem: Option<Problem>,
) -> Response<Bytes> {
    let words = language.words();
    let prefix = problem.map_or(String::new(), |_| format!("{}: ", words.error_title));
    let mut page = Html::document(words.code, &format!("{prefix}{merchant}"));
    page.markup("<p class=\"note\" role=\"note\"><strong>")
        .text(words.sandbox_note);
    page.markup("</strong> ")
        .text(words.sandbox_hint)
        .markup("</p><main class=\"checkout\">");
    summary(&mut page, words, merchant, session);
    page.markup("<section class=\"payment\"><form method=\"post\" novalidate>");
    if let Some(problem) = problem {
        page.markup("<div class=\"alert\" role=\"alert\" id=\"problem\">");
        page.text(problem.message(language)).markup("</div>");
    }
    let form = Form { words, problem };
    form.contact(&mut page, typed);
    let total = integer(&session.object, "amount_total").unwrap_or_default();
    if needs_card(&session.object) {
        form.card(&mut page);
    }
    form.field(
        &mut page,
        &Field {
            value: &typed.name,
            autocomplete: "cc-name",
            ..Field::new("name", words.name)
        },
    );
    page.markup("<button type=\"submit\">");
    let mode = text(&session.object, "mode").unwrap_or_default();
    if mode == "setup" {
        page.text(words.save_card);
    } else if mode == "subscription" {
        page.text(words.subscribe);
    } else if total == 0 {
        page.text(words.place_order);
    } else {
        page.text(
            &words
                .pay_amount
                .replace("{}", &amount(session, "amount_total")),
        );
    }
    page.markup("</button></form>");
    if let Some(cancel) = text(&session.object, "cancel_url") {
        page.link("cancel", cancel, words.cancel);
    }
    page.markup("</section></main>");
    page.respond(match problem {
        None => StatusCode::OK,
        Some(Problem::Card(error)) if error.decline_code.is_some() => StatusCode::PAYMENT_REQUIRED,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    })
}

fn amount(session: &Entry, field: &str) -> String {
    let currency = text(&session.object, "currency").unwrap_or_default();
    money::format(
        currency,
        integer(&session.object, field).unwrap_or_default(),
    )
}

fn summary(page: &mut Html, words: &Words, merchant: &str, session: &Entry) {
    let currency = text(&session.object, "currency").unwrap_or_default();
    page.markup("<section class=\"summary\"><p class=\"merchant\">")
        .text(merchant);
    let mode = text(&session.object, "mode").unwrap_or_default();
    if mode == "setup" {
        page.markup("</p>")
            .element("h1", words.save_card)
            .markup("</section>");
        return;
    }
    page.markup("</p><h1>")
        .text(if mode == "subscription" {
            words.subscribe
        } else {
            words.pay
        })
        .markup(" <span class=\"amount\">");
    page.text(&amount(session, "amount_total"))
        .markup("</span></h1><ul class=\"lines\">");
    for line in lines(session) {
        let number = |field: &str| line[field].as_i64().unwrap_or_default();
        page.markup("<li><span class=\"what\"><span class=\"title\">");
        page.text(line["description"].as_str().unwrap_or_default())
            .markup("</span>");
        page.markup("<span class=\"detail\">")
            .text(words.quantity)
            .markup(" ");
        page.number(number("quantity"));
        if let Some(unit) = line["price"]["unit_amount"].as_i64()
            && number("quantity") > 1
        {
            page.markup(" · ")
                .text(&words.each.replace("{}", &money::format(currency, unit)));
        }
        page.markup("</span></span><span class=\"amount\">");
        page.text(&money::format(currency, number("amount_total")))
            .markup("</span></li>");
    }
    page.markup("</ul><dl class=\"totals\">")
        .element("dt", words.subtotal);
    page.element("dd", &amount(session, "amount_subtotal"));
    page.markup("<dt class=\"total\">")
        .text(words.total)
        .markup("</dt><dd class=\"total\">");
    page.text(&amount(session, "amount_total"))
        .markup("</dd></dl></section>");
}

struct Form {
    words: &'static Words,
    problem: Option<Problem>,
}

struct Field<'a> {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    value: &'a str,
    autocomplete: &'static str,
    inputmode: &'static str,
    placeholder: &'static str,
    locked: bool,
}

impl Field<'_> {
    fn new(name: &'static str, label: &'static str) -> Self {
        Field {
            name,
            label,
            kind: "text",
            value: "",
            autocomplete: "off",
            inputmode: "text",
            placeholder: "",
            locked: false,
        }
    }
}

impl Form {
    fn contact(&self, page: &mut Html, typed: &Typed) {
        page.element("h2", self.words.contact);
        self.field(
            page,
            &Field {
                kind: "email",
                value: &typed.email,
                autocomplete: "email",
                inputmode: "email",
                locked: typed.email_locked,
                ..Field::new("email", self.words.email)
            },
        );
    }

    /// Empty each time: a card number is not sent back to where it came from.
    fn card(&self, page: &mut Html) {
        page.element("h2", self.words.card_details);
        let digits = |name, label, autocomplete, placeholder| Field {
            inputmode: "numeric",
            autocomplete,
            placeholder,
            ..Field::new(name, label)
        };
        self.field(
            page,
            &digits(
                "number",
                self.words.number,
                "cc-number",
                "4242 4242 4242 4242",
            ),
        );
        page.markup("<div class=\"pair\">");
        self.field(
            page,
            &digits(
                "expiry",
                self.words.expiry,
                "cc-exp",
                self.words.expiry_hint,
            ),
        );
        self.field(page, &digits("cvc", self.words.cvc, "cc-csc", "123"));
        page.markup("</div>");
    }

    fn field(&self, page: &mut Html, field: &Field<'_>) {
        page.markup("<p class=\"field\"><label for=\"")
            .markup(field.name)
            .markup("\">");
        page.text(field.label)
            .markup("</label><input required id=\"")
            .markup(field.name);
        page.markup("\" name=\"")
            .markup(field.name)
            .markup("\" type=\"")
            .markup(field.kind);
        page.markup("\" inputmode=\"").markup(field.inputmode);
        page.markup("\" autocomplete=\"").markup(field.autocomplete);
        page.markup("\" placeholder=\"").text(field.placeholder);
        page.markup("\" value=\"").text(field.value).markup("\"");
        if field.locked {
            page.markup(" readonly");
        }
        if self
            .problem
            .is_some_and(|problem| problem.field() == field.name)
        {
            page.markup(" aria-invalid=\"true\" aria-describedby=\"problem\" autofocus");
        }
        page.markup("></p>");
    }
}

/// Paid already.
pub(super) fn complete(language: Language, merchant: &str, session: &Entry) -> Response<Bytes> {
    let words = language.words();
    let link = (super::success_url(session), words.go_on);
    notice(
        words,
        merchant,
        (words.complete, words.complete_text),
        Some(link),
        StatusCode::OK,
    )
}

/// Too late.
pub(super) fn expired(language: Language, merchant: &str, session: &Entry) -> Response<Bytes> {
    let words = language.words();
    let link = text(&session.object, "cancel_url").map(|url| (url.to_owned(), words.go_back));
    notice(
        words,
        merchant,
        (words.expired, words.expired_text),
        link,
        StatusCode::GONE,
    )
}

/// No such session.
pub(super) fn not_found(language: Language) -> Response<Bytes> {
    let words = language.words();
    let texts = (words.not_found, words.not_found_text);
    notice(
        words,
        "stripegym-sandbox",
        texts,
        None,
        StatusCode::NOT_FOUND,
    )
}

/// A fault of the sandbox.
pub(super) fn failure(language: Language, error: &ApiError) -> Response<Bytes> {
    let words = language.words();
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    notice(
        words,
        "stripegym-sandbox",
        (words.failure, error.message()),
        None,
        status,
    )
}

fn notice(
    words: &Words,
    merchant: &str,
    (title, body): (&str, &str),
    link: Option<(String, &str)>,
    status: StatusCode,
) -> Response<Bytes> {
    let mut page = Html::document(words.code, &format!("{title} - {merchant}"));
    page.markup("<p class=\"note\" role=\"note\"><strong>")
        .text(words.sandbox_note);
    page.markup("</strong></p><main class=\"notice\"><p class=\"merchant\">")
        .text(merchant);
    page.markup("</p>").element("h1", title).element("p", body);
    if let Some((url, label)) = link {
        page.link("button", &url, label);
    }
    page.markup("</main>");
    page.respond(status)
}

//! What a customer typed.

use crate::form::{self, Node};
use crate::kind::Kind;
use crate::object::text;
use crate::resources::delayed::Delayed;
use crate::state::{Entry, State};

use super::page::Problem;

const FIELD_CHARS_MAX: usize = 256;

/// The fields of the form. Never printed and never stored: it holds a card number.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) email: String,
    /// The session or its customer fixes the email; it cannot be typed over.
    pub(super) email_locked: bool,
    pub(super) number: String,
    pub(super) expiry: String,
    pub(super) cvc: String,
    pub(super) name: String,
    /// How to pay: `card`, or a method whose money comes later.
    pub(super) method: String,
    pub(super) phone: String,
    pub(super) iban: String,
}

impl Typed {
    /// An empty form.
    pub(super) fn fresh(locked_email: Option<String>) -> Self {
        let email_locked = locked_email.is_some();
        Self {
            email: locked_email.unwrap_or_default(),
            email_locked,
            ..Self::default()
        }
    }

    /// A submitted form.
    pub(super) fn read(body: &[u8], locked_email: Option<String>) -> Self {
        let body = std::str::from_utf8(body).unwrap_or_default();
        let form = form::decode("", body).unwrap_or_else(|_| Node::empty());
        let field = |name: &str| match &form {
            Node::Hash(fields) => match fields.get(name) {
                Some(Node::Text(text)) => text.trim().chars().take(FIELD_CHARS_MAX).collect(),
                _ => String::new(),
            },
            _ => String::new(),
        };
        Self {
            email_locked: locked_email.is_some(),
            email: locked_email.unwrap_or_else(|| field("email")),
            number: field("number"),
            expiry: field("expiry"),
            cvc: field("cvc"),
            name: field("name"),
            method: field("method"),
            phone: field("phone"),
            iban: field("iban"),
        }
    }

    /// The method whose money comes later, if that is how they pay.
    pub(super) fn delayed(&self) -> Option<Delayed> {
        Delayed::parse(&self.method)
    }

    /// What decides how such a payment ends.
    pub(super) fn decisive(&self, method: Delayed) -> &str {
        match method {
            Delayed::Konbini => &self.phone,
            Delayed::SepaDebit => &self.iban,
        }
    }

    /// What the page itself checks; the card is checked by whoever charges it.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let (user, host) = self.email.split_once('@').unwrap_or_default();
        if user.is_empty() || host.is_empty() || self.email.contains(char::is_whitespace) {
            return Err(Problem::Email);
        }
        let delayed = self.delayed();
        if self.name.is_empty() {
            Err(Problem::Name)
        } else if delayed.is_some_and(|method| method.ending(self.decisive(method)).is_none()) {
            Err(Problem::Iban)
        } else {
            Ok(())
        }
    }
}

/// The email of the session's customer, which the customer cannot change here.
pub(super) fn locked_email(state: &State, session: &Entry) -> Option<String> {
    let customer = text(&session.object, "customer")
        .and_then(|id| state.entries.of(Kind::Customer, id))
        .and_then(|customer| text(&customer.object, "email"));
    customer
        .or_else(|| text(&session.object, "customer_email"))
        .map(ToOwned::to_owned)
}

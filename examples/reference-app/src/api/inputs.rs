//! What the API takes. A field that is missing or of another type is not a
//! parser's error but a wrong field, named as such among all the others.

mod check;
mod cursor;
mod lenient;

use poem_openapi::Object;

use check::{Checker, date_of_birth, email};
use lenient::{Consent, Text};
use stripegym_core::Timestamp;
use stripegym_core::id::PriceId;
use stripegym_core::store::PurchaseCursor;

use crate::accounts::Registration;
use crate::problem::{FieldFault, Problem};

pub(super) use cursor::write as cursor;
pub(super) use lenient::MaybeJson;

const NAME_CHARS_MAX: usize = 100;
const PHONE_CHARS_MAX: usize = 40;
const PASSWORD_CHARS_MIN: usize = 8;
const PASSWORD_CHARS_MAX: usize = 128;
const QUANTITY_MAX: u32 = 10;
const LIMIT_DEFAULT: u32 = 20;
const LIMIT_MAX: u32 = 100;

/// A new member.
#[derive(Object)]
pub(super) struct RegisterInput {
    /// At most 254 characters; upper and lower case make no difference.
    email: Text,
    /// 8 to 128 characters.
    password: Text,
    /// At most 100 characters.
    name: Text,
    /// At most 40 characters.
    phone: Option<Text>,
    /// YYYY-MM-DD; an empty text counts as not told.
    birthdate: Option<Text>,
    /// Consent to the terms of use: `true` or `"on"`.
    terms: Consent,
    /// Consent to the handling of personal data: `true` or `"on"`.
    privacy: Consent,
}

/// A member who logs in.
#[derive(Object)]
pub(super) struct LoginInput {
    email: Text,
    password: Text,
}

/// A session, for clients that send it in the body.
#[derive(Object)]
pub(super) struct SessionInput {
    /// Counts for more than the header and the cookie.
    pub(super) session_token: Option<String>,
}

/// What to buy.
#[derive(Object)]
pub(super) struct CheckoutInput {
    /// A `price_id` of the catalogue; the one-off product unless told.
    price: Option<Text>,
    /// 1 to 10; 1 unless told.
    quantity: Option<u32>,
}

/// Which page of the purchases.
#[derive(Object)]
pub(super) struct HistoryInput {
    /// 1 to 100; 20 unless told.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Which page of the purchases, checked.
pub(super) struct PageWanted {
    pub(super) limit: u32,
    pub(super) after: Option<PurchaseCursor>,
}

impl RegisterInput {
    pub(super) fn checked(self, now: Timestamp) -> Result<Registration, Problem> {
        let mut checker = Checker::default();
        let name = self.name.trimmed();
        checker.require("name", FieldFault::Name, !name.is_empty());
        checker.require("name", FieldFault::NameLong, fits(&name, NAME_CHARS_MAX));
        let email = checker.take("email", FieldFault::Email, email(&self.email.trimmed()));
        let password = self.password.into_inner();
        let long_enough = password.chars().count() >= PASSWORD_CHARS_MIN;
        let password_fits = long_enough && fits(&password, PASSWORD_CHARS_MAX);
        checker.require("password", FieldFault::PasswordLength, password_fits);
        let phone = self.phone.and_then(Text::told);
        let phone_fits = phone
            .as_deref()
            .is_none_or(|phone| fits(phone, PHONE_CHARS_MAX));
        checker.require("phone", FieldFault::PhoneLong, phone_fits);
        let birthdate = self.birthdate.and_then(Text::told);
        let is_a_birthdate = birthdate
            .as_deref()
            .is_none_or(|day| date_of_birth(day, now));
        checker.require("birthdate", FieldFault::Birthdate, is_a_birthdate);
        checker.require("terms", FieldFault::Terms, self.terms.is_given());
        checker.require("privacy", FieldFault::Privacy, self.privacy.is_given());
        checker.done(Registration {
            email: email.unwrap_or_default(),
            password,
            name,
            phone,
            birthdate,
        })
    }
}

impl LoginInput {
    /// The address and the password.
    pub(super) fn checked(self) -> Result<(String, String), Problem> {
        let mut checker = Checker::default();
        let email = self.email.trimmed();
        // Only its presence: what is no address has no account.
        checker.require("email", FieldFault::Email, !email.is_empty());
        let password = self.password.into_inner();
        checker.require(
            "password",
            FieldFault::PasswordMissing,
            !password.is_empty(),
        );
        // No password is longer, and hashing a long text would cost us, not them.
        let password = if fits(&password, PASSWORD_CHARS_MAX) {
            password
        } else {
            String::new()
        };
        checker.done((email, password))
    }
}

impl CheckoutInput {
    /// The price and the quantity. Only `for_sale` may be bought this way.
    pub(super) fn checked(
        input: Option<Self>,
        for_sale: &PriceId,
    ) -> Result<(PriceId, u32), Problem> {
        let (price, quantity) = input.map_or((None, None), |input| (input.price, input.quantity));
        let price = price.and_then(Text::told);
        let quantity = quantity.unwrap_or(1);
        let mut checker = Checker::default();
        let is_for_sale = price.is_none_or(|price| price == for_sale.as_str());
        checker.require("price", FieldFault::Price, is_for_sale);
        checker.require(
            "quantity",
            FieldFault::Quantity,
            (1..=QUANTITY_MAX).contains(&quantity),
        );
        checker.done((for_sale.clone(), quantity))
    }
}

impl HistoryInput {
    pub(super) fn new(limit: Option<u32>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    pub(super) fn checked(self) -> Result<PageWanted, Problem> {
        let mut checker = Checker::default();
        let limit = self.limit.unwrap_or(LIMIT_DEFAULT);
        checker.require("limit", FieldFault::Limit, (1..=LIMIT_MAX).contains(&limit));
        let cursor = self.cursor.filter(|cursor| !cursor.is_empty());
        let after =
            cursor.map(|cursor| checker.take("cursor", FieldFault::Cursor, cursor::read(&cursor)));
        checker.done(PageWanted {
            limit,
            after: after.flatten(),
        })
    }
}

fn fits(text: &str, chars_max: usize) -> bool {
    text.chars().nth(chars_max).is_none()
}

#[cfg(test)]
mod tests;

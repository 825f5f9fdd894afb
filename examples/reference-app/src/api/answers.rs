//! What the API answers with. The fields are StripeGym's, so that its clients
//! keep working.

use std::collections::HashMap;

use jiff::Timestamp;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::{ApiResponse, Object};
use stripegym_core::journal::JournalError;
use stripegym_core::process::Chain;
use stripegym_core::store::StoreError;
use tracing::{error, warn};

use crate::accounts::{AccountsError, Member};
use crate::problem::{Code, Problem};
use crate::shop::{Product, ShopError};

/// A failure.
#[derive(Object)]
#[oai(rename = "Problem")]
pub(super) struct ProblemBody {
    /// Always false.
    success: bool,
    /// For people, in the language of the request.
    error: String,
    /// For programs; does not change with the language.
    code: String,
    /// What is wrong with which field of the input.
    #[oai(skip_serializing_if_is_none)]
    fields: Option<HashMap<String, String>>,
}

/// It worked.
#[derive(Object)]
pub(super) struct Done {
    pub(super) success: bool,
    pub(super) message: String,
}

/// Who somebody is.
#[derive(Object)]
pub(super) struct UserBrief {
    id: i64,
    email: String,
    name: String,
}

/// A new member, logged in.
#[derive(Object)]
pub(super) struct SignedUp {
    pub(super) success: bool,
    pub(super) message: String,
    pub(super) user: UserBrief,
    /// For clients other than browsers; lasts 24 hours.
    pub(super) session_token: String,
}

/// A member, logged in.
#[derive(Object)]
pub(super) struct LoggedIn {
    pub(super) success: bool,
    pub(super) message: String,
    pub(super) user_id: i64,
    pub(super) user_name: String,
    pub(super) user_email: String,
    pub(super) user: UserBrief,
    /// For clients other than browsers; lasts 24 hours.
    pub(super) session_token: String,
}

/// Whose session it is.
#[derive(Object)]
pub(super) struct Verified {
    pub(super) success: bool,
    pub(super) message: String,
    pub(super) user_id: i64,
}

/// What we know of the member.
#[derive(Object)]
pub(super) struct User {
    id: i64,
    name: String,
    email: String,
    phone: Option<String>,
    /// YYYY-MM-DD.
    birthdate: Option<String>,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    created_at: String,
}

/// What we know of the member.
#[derive(Object)]
pub(super) struct UserInfo {
    pub(super) success: bool,
    pub(super) user: User,
}

/// A payment page that waits for its customer.
#[derive(Object)]
pub(super) struct CheckoutOpened {
    /// The Checkout Session.
    pub(super) id: String,
    /// Where the customer pays.
    pub(super) url: String,
}

/// One purchase.
#[derive(Object)]
pub(super) struct Purchase {
    session_id: String,
    product_name: Option<String>,
    /// Minor units of the currency: 4980 is 4,980 yen, and 1999 is 19.99 dollars.
    amount: i64,
    currency: String,
    /// `paid` once the money is there, `processing` until then.
    status: String,
    /// ISO 8601, UTC.
    created_at: String,
}

/// A page of purchases, newest first.
#[derive(Object)]
pub(super) struct Purchases {
    pub(super) success: bool,
    pub(super) purchases: Vec<Purchase>,
    /// Send it as `cursor` for the next page; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// One thing for sale.
#[derive(Object)]
pub(super) struct ForSale {
    name: String,
    price_id: String,
    /// Minor units of the currency.
    amount: i64,
    currency: String,
    /// `month` for what is charged every month; null for once.
    interval: Option<String>,
    /// Whether it can be bought now.
    available: bool,
    /// `standard` or `premium`, for the plans.
    plan_type: Option<String>,
}

/// What is for sale.
#[derive(Object)]
pub(super) struct CatalogueBody {
    pub(super) success: bool,
    /// True when no real money moves.
    pub(super) sandbox: bool,
    pub(super) products: Vec<ForSale>,
}

impl From<&Member> for UserBrief {
    fn from(member: &Member) -> Self {
        Self {
            id: member.id,
            email: member.email.clone(),
            name: member.name.clone(),
        }
    }
}

impl From<Member> for User {
    fn from(member: Member) -> Self {
        let Member {
            id,
            email,
            name,
            phone,
            birthdate,
            created_at,
        } = member;
        let created_at = Timestamp::from_millisecond(created_at.unix_ms()).unwrap_or_default();
        let created_at = created_at.strftime("%Y-%m-%d %H:%M:%S").to_string();
        Self {
            id,
            name,
            email,
            phone,
            birthdate,
            created_at,
        }
    }
}

impl From<stripegym_core::store::Purchase> for Purchase {
    fn from(purchase: stripegym_core::store::Purchase) -> Self {
        Self {
            session_id: purchase.session_id.as_str().to_owned(),
            product_name: purchase.product_name,
            amount: purchase.amount.minor(),
            currency: purchase.amount.currency().to_string(),
            status: purchase.status.as_str().to_owned(),
            created_at: Timestamp::from_second(purchase.created)
                .unwrap_or_default()
                .to_string(),
        }
    }
}

impl From<&Product> for ForSale {
    fn from(product: &Product) -> Self {
        Self {
            name: product.name.clone(),
            price_id: product.price.as_str().to_owned(),
            amount: product.amount.minor(),
            currency: product.amount.currency().to_string(),
            interval: product.interval.clone(),
            available: product.is_available,
            plan_type: product.plan_type.map(str::to_owned),
        }
    }
}

/// The documents say once, as `default`, what every failure looks like.
impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        let content = MetaMediaType {
            content_type: "application/json",
            schema: <Json<ProblemBody> as Payload>::schema_ref(),
        };
        let description = "A failure: 400 the input, 401 no session, 409 not for sale, 413 and \
                           415 the body, 502 and 503 the payment service or the database.";
        MetaResponses {
            responses: vec![MetaResponse {
                description,
                status: None,
                status_range: None,
                content: vec![content],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        <Json<ProblemBody> as Payload>::register(registry);
    }
}

/// The detail goes to the log, within the span that names the request.
impl From<AccountsError> for Problem {
    fn from(failure: AccountsError) -> Self {
        error!(error = %Chain(&failure), "accounts failed");
        Self::new(if failure.may_pass() {
            Code::Unavailable
        } else {
            Code::Internal
        })
    }
}

impl From<StoreError> for Problem {
    fn from(failure: StoreError) -> Self {
        error!(error = %Chain(&failure), "the store failed");
        Self::new(if failure.is_retryable() {
            Code::Unavailable
        } else {
            Code::Internal
        })
    }
}

impl From<ShopError> for Problem {
    fn from(failure: ShopError) -> Self {
        let code = match &failure {
            ShopError::NotForSale => Code::ProductUnavailable,
            ShopError::Stripe(cause) | ShopError::Journal(JournalError::Refused(cause)) => {
                if cause.is_safe_to_retry() {
                    Code::PaymentUnavailable
                } else {
                    Code::PaymentFailed
                }
            }
            ShopError::Journal(JournalError::Unknown(_) | JournalError::Busy) => {
                Code::PaymentUnavailable
            }
            ShopError::Journal(JournalError::Store(cause)) if cause.is_retryable() => {
                Code::Unavailable
            }
            ShopError::Answer(_) | ShopError::NoPage => Code::PaymentFailed,
            ShopError::Owner(_) | ShopError::Journal(_) => Code::Internal,
        };
        warn!(error = %Chain(&failure), "the shop failed");
        Self::new(code)
    }
}

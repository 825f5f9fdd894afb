//! The classes of failure: a stable code, its status and its two texts.

use http::StatusCode;

use crate::lang::Lang;

/// What went wrong. Clients may rely on the codes; the texts are for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// Some fields are wrong; they are named.
    InvalidInput,
    /// Not JSON, or a parameter of another type.
    InvalidRequest,
    EmailTaken,
    WrongCredentials,
    NotSignedIn,
    NotFound,
    MethodNotAllowed,
    BodyTooLarge,
    UnsupportedMediaType,
    ProductUnavailable,
    /// Stripe refused; trying again will not help.
    PaymentFailed,
    /// Stripe cannot be reached, or is busy.
    PaymentUnavailable,
    /// The database cannot be reached, or is busy.
    Unavailable,
    Timeout,
    Internal,
}

impl Code {
    /// The code of an answer that somebody else made.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::NotSignedIn,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            status if status.is_client_error() => Self::InvalidRequest,
            _ => Self::Internal,
        }
    }

    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::InvalidInput | Self::InvalidRequest | Self::EmailTaken => StatusCode::BAD_REQUEST,
            Self::WrongCredentials | Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ProductUnavailable => StatusCode::CONFLICT,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::PaymentFailed => StatusCode::BAD_GATEWAY,
            Self::PaymentUnavailable | Self::Unavailable | Self::Timeout => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::InvalidRequest => "invalid_request",
            Self::EmailTaken => "email_taken",
            Self::WrongCredentials => "wrong_credentials",
            Self::NotSignedIn => "not_signed_in",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::ProductUnavailable => "product_unavailable",
            Self::PaymentFailed => "payment_service_failed",
            Self::PaymentUnavailable => "payment_service_unavailable",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }

    pub(super) const fn text(self, lang: Lang) -> &'static str {
        let (en, ja) = match self {
            Self::InvalidInput => (
                "Please check the fields below.",
                "入力内容をご確認ください。",
            ),
            Self::InvalidRequest => (
                "The request could not be read.",
                "リクエストを読み取れませんでした。",
            ),
            Self::EmailTaken => (
                "This email address is already registered.",
                "このメールアドレスはすでに登録されています。",
            ),
            Self::WrongCredentials => (
                "The email address or the password is wrong.",
                "メールアドレスまたはパスワードが正しくありません。",
            ),
            Self::NotSignedIn => ("Please log in.", "ログインしてください。"),
            Self::NotFound => ("There is nothing here.", "見つかりませんでした。"),
            Self::MethodNotAllowed => (
                "This address does not take that method.",
                "このアドレスでは、そのメソッドは使えません。",
            ),
            Self::BodyTooLarge => ("The request is too large.", "リクエストが大きすぎます。"),
            Self::UnsupportedMediaType => (
                "Send the body as application/json.",
                "本文は application/json で送信してください。",
            ),
            Self::ProductUnavailable => (
                "This is not available at the moment.",
                "ただいまお取り扱いしていません。",
            ),
            Self::PaymentFailed => (
                "The payment service could not take this request.",
                "決済サービスがリクエストを受け付けませんでした。",
            ),
            Self::PaymentUnavailable => (
                "The payment service cannot be reached. Please try again in a moment.",
                "決済サービスに接続できません。少し待ってから、もう一度お試しください。",
            ),
            Self::Unavailable => (
                "We are busy. Please try again in a moment.",
                "混み合っています。少し待ってから、もう一度お試しください。",
            ),
            Self::Timeout => (
                "This took too long. Please try again.",
                "時間がかかりすぎました。もう一度お試しください。",
            ),
            Self::Internal => (
                "Something went wrong on our side.",
                "サーバーで問題が起きました。",
            ),
        };
        lang.pick(en, ja)
    }
}

//! Stripe's API versions: which one a request speaks, and how they compare.

use crate::error::ApiError;

/// `YYYY-MM-DD` with an optional code name; ordered by date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApiVersion(String);

impl ApiVersion {
    /// The version of the account: what a request without the header gets.
    pub(crate) const DEFAULT: &str = "2026-10-28.endive";
    /// From here on periods belong to items, and invoices have a parent.
    pub(crate) const BASIL: &str = "2025-03-31.basil";
    /// From here on subscriptions are billed in flexible mode.
    pub(crate) const CLOVER: &str = "2025-09-30.clover";
    /// From here on hosted pages are called `hosted_page`.
    pub(crate) const DAHLIA: &str = "2026-03-25.dahlia";
    /// From here on `payment_method_types` cannot be written.
    pub(crate) const ENDIVE: &str = "2026-09-30.endive";

    /// The `Stripe-Version` header, or the default.
    pub(crate) fn from_header(header: Option<&str>) -> Result<Self, ApiError> {
        let Some(header) = header.map(str::trim).filter(|header| !header.is_empty()) else {
            return Ok(Self::default());
        };
        if is_version(header) {
            Ok(Self(header.to_owned()))
        } else {
            Err(ApiError::invalid(format!(
                "Invalid Stripe API version: {header}"
            )))
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this version is `since` or newer. Dates decide; code names only repeat them.
    pub(crate) fn is_at_least(&self, since: &str) -> bool {
        self.0.get(..DATE_LEN) >= since.get(..DATE_LEN)
    }
}

impl Default for ApiVersion {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

const DATE_LEN: usize = "YYYY-MM-DD".len();

/// Shape only: a list of every version would be out of date each month.
pub(crate) fn is_version(text: &str) -> bool {
    let (date, name) = text.split_once('.').unwrap_or((text, "none"));
    let is_date = date.len() == DATE_LEN
        && date.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    is_date && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_date() {
        let basil = ApiVersion::from_header(Some("2025-07-30.basil")).unwrap();
        assert!(!basil.is_at_least(ApiVersion::DAHLIA));
        assert!(ApiVersion::default().is_at_least(ApiVersion::ENDIVE));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "latest",
            "2025-07",
            "2025-07-30.",
            "2025-07-30.Basil",
            "2025/07/30",
        ] {
            assert!(ApiVersion::from_header(Some(text)).is_err(), "{text}");
        }
        assert!(ApiVersion::from_header(Some("2020-08-27")).is_ok());
    }
}

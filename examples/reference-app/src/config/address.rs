//! Where the database is, without ever showing its password.

use std::fmt;
use std::path::Path;

/// The address of a database. Printing it leaves out user and password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseAddress(Box<str>);

impl DatabaseAddress {
    /// An address of a kind that the app understands; `None` for any other.
    #[must_use]
    pub fn parse(address: &str) -> Option<Self> {
        let (kind, rest) = address.split_once(':')?;
        let known = matches!(kind, "sqlite" | "postgres" | "postgresql");
        (known && !rest.is_empty()).then(|| Self(address.into()))
    }

    pub(super) fn sqlite(file: &Path) -> Self {
        Self(format!("sqlite:{}", file.display()).into())
    }

    /// The address with everything in it: for the driver only.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

/// What may be shown: the file, or the server and the name of the database.
impl fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A query may hold a password, too.
        let place = self.0.split(['?', '#']).next().unwrap_or_default();
        match place.rsplit_once('@') {
            Some((_, server)) => write!(f, "PostgreSQL at {server}"),
            None => match place.strip_prefix("sqlite:") {
                Some(file) => f.write_str(file),
                None => f.write_str("PostgreSQL"),
            },
        }
    }
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_holds_no_password() {
        for (address, shown) in [
            ("sqlite:./stripegym.db", "./stripegym.db"),
            (
                "postgres://shop:hunter2@db.internal:5432/shop",
                "PostgreSQL at db.internal:5432/shop",
            ),
            (
                "postgresql:///shop?user=shop&password=hunter2",
                "PostgreSQL",
            ),
            (
                "postgres://shop:hunt@er2@db/shop?password=hunter2",
                "PostgreSQL at db/shop",
            ),
        ] {
            let address = DatabaseAddress::parse(address).unwrap();
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("hunter2"));
        }
        for bad in ["", "mysql://x", "stripegym.db", "sqlite:"] {
            assert_eq!(DatabaseAddress::parse(bad), None, "{bad}");
        }
    }
}

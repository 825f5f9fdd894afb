//! A place in a list of purchases, as clients carry it: not to be looked into.

use stripegym_core::id::ID_LENGTH_MAX;
use stripegym_core::store::PurchaseCursor;

/// A 64-bit number, a colon and an id, in hex.
const LENGTH_MAX: usize = 2 * (20 + 1 + ID_LENGTH_MAX);

/// The place, in writing.
pub(in crate::api) fn write(cursor: &PurchaseCursor) -> String {
    hex::encode(format!("{}:{}", cursor.created, cursor.session_id))
}

/// The place, unless the text never was one.
pub(super) fn read(text: &str) -> Option<PurchaseCursor> {
    if text.len() > LENGTH_MAX {
        return None;
    }
    let text = String::from_utf8(hex::decode(text).ok()?).ok()?;
    let (created, session_id) = text.split_once(':')?;
    // PostgreSQL takes no NUL in a text.
    let is_id = session_id.bytes().all(|b| b.is_ascii_graphic());
    let cursor = PurchaseCursor {
        created: created.parse().ok()?,
        session_id: session_id.to_owned(),
    };
    is_id.then_some(cursor)
}

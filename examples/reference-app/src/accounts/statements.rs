//! The statements on the accounts, in the SQL that both databases share.

use stripegym_core::Timestamp;

use super::Member;

pub(super) const REGISTER: &str = "
    INSERT INTO users
        (email, email_key, password_hash, name, phone, birthdate,
         terms_accepted_at, privacy_accepted_at, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7)
    ON CONFLICT (email_key) DO NOTHING
    RETURNING id";

pub(super) const LOG_IN: &str = "
    SELECT password_hash, id, email, name, phone, birthdate, created_at
    FROM users WHERE email_key = $1";

pub(super) const MEMBER_OF: &str = "
    SELECT u.id, u.email, u.name, u.phone, u.birthdate, u.created_at
    FROM user_sessions AS s JOIN users AS u ON u.id = s.user_id
    WHERE s.token_hash = $1 AND s.expires_at > $2";

pub(super) const OPEN_SESSION: &str = "
    INSERT INTO user_sessions (token_hash, user_id, created_at, expires_at)
    VALUES ($1, $2, $3, $4)";

pub(super) const CLOSE_SESSION: &str = "
    DELETE FROM user_sessions WHERE token_hash = $1 AND expires_at > $2 RETURNING user_id";

pub(super) const DROP_EXPIRED: &str = "DELETE FROM user_sessions WHERE expires_at <= $1";

/// In the order of [`Member`]'s fields.
pub(super) type MemberColumns = (i64, String, String, Option<String>, Option<String>, i64);
/// The password's hash first.
pub(super) type LogInColumns = (
    String,
    i64,
    String,
    String,
    Option<String>,
    Option<String>,
    i64,
);

pub(super) fn member(columns: MemberColumns) -> Member {
    let (id, email, name, phone, birthdate, created_at) = columns;
    let created_at = Timestamp::from_unix_ms(created_at);
    Member {
        id,
        email,
        name,
        phone,
        birthdate,
        created_at,
    }
}

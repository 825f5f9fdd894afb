-- The application's own tables. Their record is `_app_migrations`; the
-- library's tables (prefix `stripegym_`) have theirs, and neither disturbs the
-- other. Times named *_at are milliseconds since the Unix epoch and come from
-- the application's clock.

CREATE TABLE users (
    -- Its decimal text is the owner's name in the library's tables and the
    -- `client_reference_id` at Stripe. AUTOINCREMENT: never reused, not even
    -- after the newest user is deleted.
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The address as typed: this is what mail is sent to.
    email                TEXT NOT NULL,
    -- The address in lower case. Unique here and not there, so that Case@ and
    -- case@ are one account. An index and not a check before the write:
    -- between a check and a write there is always a gap.
    email_key            TEXT NOT NULL UNIQUE,
    -- Argon2id in PHC form: parameters and salt are within, so they can be
    -- raised later without a flag day.
    password_hash        TEXT NOT NULL,
    name                 TEXT NOT NULL,
    phone                TEXT,
    -- A calendar day, YYYY-MM-DD. Absent when not told; never an empty text.
    birthdate            TEXT CHECK (birthdate <> ''),
    -- When consent was given: that it was is why there is a row at all.
    terms_accepted_at    INTEGER NOT NULL,
    privacy_accepted_at  INTEGER NOT NULL,
    created_at           INTEGER NOT NULL
) STRICT;

CREATE TABLE user_sessions (
    -- SHA-256 of the token. Whoever reads this table, or a backup of it, can
    -- log in as nobody. A plain hash will do, unlike for passwords: a token
    -- has 256 random bits, and nobody guesses those.
    token_hash  BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL CHECK (expires_at > created_at)
) STRICT, WITHOUT ROWID;

-- For taking away what has expired.
CREATE INDEX user_sessions_expiry ON user_sessions (expires_at);
-- For the reference above: deleting a user must not read the whole table.
CREATE INDEX user_sessions_of_user ON user_sessions (user_id);

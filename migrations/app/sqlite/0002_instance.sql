-- Who this installation is: one row, made at the first start.

CREATE TABLE app_instance (
    only_row  INTEGER PRIMARY KEY CHECK (only_row = 1),
    -- Random. It is part of every idempotency key that is derived from a
    -- user's id: two installations on one Stripe account both have a user 1,
    -- and those are two people.
    id        TEXT NOT NULL,
    -- SHA-256 of the signing secret that the built-in sandbox made for this
    -- database, in hex; NULL before the first start with the sandbox. The
    -- secret lives in the sandbox's state, so a state that belongs to another
    -- database, or a state that was deleted, is noticed before anyone buys.
    sandbox   TEXT
) STRICT;

-- Who this installation is: one row, made at the first start.

CREATE TABLE app_instance (
    only_row     INTEGER PRIMARY KEY CHECK (only_row = 1),
    -- Random. Part of every owner's name: two installations
    -- on one account both have a user 1, and those are two people.
    id           TEXT NOT NULL,
    -- With whom this database does business, since its first start:
    -- `stripe:test`, `stripe:live`, or `sandbox:` and the SHA-256 of the
    -- signing secret that the built-in sandbox made for it. The ids of
    -- customers and prices mean nothing to anyone else, so a start with
    -- the other mode, or with the sandbox's state swapped or deleted, is refused
    -- before anyone buys.
    counterpart  TEXT
) STRICT;

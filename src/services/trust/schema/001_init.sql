-- One row per invite. The secret is erased by the same UPDATE that consumes the invite.
CREATE TABLE trust_invite (
  id TEXT PRIMARY KEY, secret BLOB NOT NULL, role TEXT NOT NULL, created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL, used_ms INTEGER, used_by TEXT
) WITHOUT ROWID;

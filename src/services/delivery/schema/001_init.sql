-- Every message this node accepted for somebody. `wire` is the envelope as it was signed, once;
-- every retry sends these bytes. `open` while no receipt, refusal or verdict has settled it.
CREATE TABLE outbox_message (
  id TEXT PRIMARY KEY, batch TEXT NOT NULL, destination TEXT NOT NULL, epoch INTEGER NOT NULL,
  dseq INTEGER NOT NULL, type INTEGER NOT NULL, via TEXT NOT NULL, re TEXT NOT NULL,
  subject TEXT NOT NULL, body TEXT NOT NULL, session TEXT NOT NULL, refs TEXT NOT NULL,
  ts INTEGER NOT NULL, exp INTEGER NOT NULL, hash BLOB NOT NULL, wire BLOB NOT NULL,
  rank INTEGER NOT NULL DEFAULT 0, flags INTEGER NOT NULL DEFAULT 0, detail TEXT NOT NULL DEFAULT '',
  open INTEGER NOT NULL DEFAULT 1, void_told INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX outbox_by_stream ON outbox_message (destination, epoch, dseq);
CREATE INDEX outbox_open ON outbox_message (destination, epoch, dseq) WHERE open = 1;
CREATE INDEX outbox_by_batch ON outbox_message (batch) WHERE batch <> '';
CREATE INDEX outbox_by_age ON outbox_message (exp) WHERE open = 0;
-- What happened to it, in order; the sender's half of `explain`.
CREATE TABLE outbox_event (
  id TEXT NOT NULL, at_ms INTEGER NOT NULL, node TEXT NOT NULL, event TEXT NOT NULL,
  channel TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX outbox_event_by_id ON outbox_event (id);
-- Idempotency keys of callers, to the id (or batch) of the first call.
CREATE TABLE outbox_key (key TEXT PRIMARY KEY, id TEXT NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID;

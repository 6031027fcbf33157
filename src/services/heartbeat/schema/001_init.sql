-- The highest time heard from each peer, so that a recording of its past is known as one after a restart.
CREATE TABLE heartbeat_mark (peer TEXT PRIMARY KEY, highest_ms INTEGER NOT NULL) WITHOUT ROWID;

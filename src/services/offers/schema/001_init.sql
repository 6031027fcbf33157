-- Sessions that a hook has told of. `since` is the inbox's position at its first hook: what came
-- after it came while the session was live. `ended_ms` is 0 while nobody said that it ended.
CREATE TABLE offer_session (
  session TEXT PRIMARY KEY, client TEXT NOT NULL, transcript TEXT NOT NULL, cwd TEXT NOT NULL,
  since INTEGER NOT NULL, heard_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX offer_session_heard ON offer_session (heard_ms);
-- Shown once: the row is committed before the hook prints. `tag` is the fence's, found again in the
-- transcript; `turn` counts the session's prompts, so that an answer to a later one proves that
-- what is still open was not shown; `from_byte` is the transcript's size before the offer.
-- `state` is 0 open, 1 evident, 2 unshown.
CREATE TABLE offer (
  id TEXT NOT NULL, session TEXT NOT NULL, tag TEXT NOT NULL, turn INTEGER NOT NULL,
  prompt TEXT NOT NULL, from_byte INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (id, session)
) WITHOUT ROWID;
CREATE INDEX offer_open ON offer (session) WHERE state = 0;

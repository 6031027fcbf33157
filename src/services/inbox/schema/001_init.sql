-- Every dseq that was ever settled here, by its stream; the memory of dedupe. `outcome` is
-- 0 stored, 1 refused, 2 void. Rows go when keep_until has passed and the stream's floor covers them.
CREATE TABLE inbox_settled (
  origin TEXT NOT NULL, epoch INTEGER NOT NULL, dseq INTEGER NOT NULL,
  hash BLOB NOT NULL, outcome INTEGER NOT NULL, reason TEXT NOT NULL DEFAULT '', keep_until INTEGER NOT NULL,
  PRIMARY KEY (origin, epoch, dseq)
) WITHOUT ROWID;
-- All dseqs up to `floor` are settled and forgotten.
CREATE TABLE inbox_floor (
  origin TEXT NOT NULL, epoch INTEGER NOT NULL, floor INTEGER NOT NULL,
  PRIMARY KEY (origin, epoch)
) WITHOUT ROWID;
-- What people and sessions read. `position` is the order of presentation, NULL while a gap before
-- the message is waited out. `rank` and `flag` are what this node states as its receiver, `told`
-- the rank the origin is known to have heard of.
CREATE TABLE inbox_message (
  id TEXT PRIMARY KEY, origin TEXT NOT NULL, epoch INTEGER NOT NULL, dseq INTEGER NOT NULL,
  position INTEGER UNIQUE, type INTEGER NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
  session TEXT NOT NULL, refs TEXT NOT NULL, re TEXT NOT NULL, was TEXT NOT NULL,
  ts INTEGER NOT NULL, exp INTEGER NOT NULL, at_ms INTEGER NOT NULL, via TEXT NOT NULL,
  key_id TEXT NOT NULL, rank INTEGER NOT NULL, flag INTEGER NOT NULL, detail TEXT NOT NULL DEFAULT '',
  seen_ms INTEGER, done_ms INTEGER, told INTEGER NOT NULL
);
CREATE UNIQUE INDEX inbox_by_stream ON inbox_message (origin, epoch, dseq);
CREATE UNIQUE INDEX inbox_reissued ON inbox_message (origin, was) WHERE was <> '';
CREATE INDEX inbox_untold ON inbox_message (origin) WHERE told < rank;
CREATE INDEX inbox_waiting ON inbox_message (origin, epoch, dseq) WHERE position IS NULL;
-- Positions are never given twice, whatever is deleted: they are the readers' cursors.
CREATE TABLE inbox_counter (last INTEGER NOT NULL);
INSERT INTO inbox_counter VALUES (0);
CREATE INDEX inbox_unread ON inbox_message (position) WHERE rank < 3;

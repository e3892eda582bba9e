-- Recordings in the embedded store (docs/adr/0003-room-persistence.md has the pattern). Applied at start, once per version (PRAGMA user_version).
-- The evidence itself is in the folders of the recordings; this file finds it and owns the state of what is not over.

-- One row per room key that was ever recorded or refused: the fence of every write about it.
CREATE TABLE recording_owner (
  id      INTEGER PRIMARY KEY,
  tenant  TEXT    NOT NULL,
  room    TEXT    NOT NULL,
  epoch   INTEGER NOT NULL,                 -- life of the grain that owns them; rises with each activation
  version INTEGER NOT NULL,                 -- number of the last event of any recording of the key
  UNIQUE (tenant, room)
) STRICT;

CREATE TABLE recording (
  id           TEXT    NOT NULL PRIMARY KEY, -- UUID version 7: its order is that of the requests
  tenant       TEXT    NOT NULL,
  room         TEXT    NOT NULL,
  requested_at INTEGER NOT NULL,            -- Unix milliseconds
  ended_at     INTEGER,
  open         INTEGER NOT NULL,            -- 1 until it is over and the room knows
  state        TEXT    NOT NULL             -- RecordingState as JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX recording_tenant ON recording (tenant, id);
CREATE INDEX recording_room ON recording (tenant, room, id);
CREATE INDEX recording_open ON recording (tenant, room) WHERE open = 1;

CREATE TABLE recording_participant (
  recording   TEXT    NOT NULL,
  participant TEXT    NOT NULL,
  tenant      TEXT    NOT NULL,
  identity    TEXT    NOT NULL,
  name        TEXT    NOT NULL,
  joined_at   INTEGER NOT NULL,
  left_at     INTEGER,
  state       TEXT    NOT NULL,
  PRIMARY KEY (recording, participant)
) STRICT, WITHOUT ROWID;

CREATE INDEX recording_identity ON recording_participant (tenant, identity, recording);

CREATE TABLE recording_timeline (
  id        INTEGER PRIMARY KEY,
  recording TEXT    NOT NULL,
  at        INTEGER NOT NULL,
  event     TEXT    NOT NULL                -- JSON, "kind" first
) STRICT;

CREATE INDEX recording_timeline_of ON recording_timeline (recording, id);

CREATE TABLE impossibility (
  id     TEXT    NOT NULL PRIMARY KEY,      -- UUID version 7
  tenant TEXT    NOT NULL,
  room   TEXT    NOT NULL,
  kind   TEXT    NOT NULL,
  since  INTEGER NOT NULL,
  till   INTEGER NOT NULL,
  body   TEXT    NOT NULL                   -- Impossibility as JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX impossibility_tenant ON impossibility (tenant, id);
CREATE INDEX impossibility_room ON impossibility (tenant, room, kind, id);

CREATE TABLE derivation (
  id         TEXT    NOT NULL PRIMARY KEY,  -- UUID version 7
  recording  TEXT    NOT NULL,
  unfinished INTEGER NOT NULL,
  body       TEXT    NOT NULL               -- Derivation as JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX derivation_unfinished ON derivation (id) WHERE unfinished = 1;

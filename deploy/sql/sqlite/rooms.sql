-- Rooms and their logs in the embedded store (docs/adr/0003-room-persistence.md). Applied at start, once per version (PRAGMA user_version).
-- Own schema; nothing in it comes from dotnet/orleans.

-- One row per room key that was ever opened. It stays when the room closes, so that numbers and epochs go on when it is created again.
CREATE TABLE room (
  id           INTEGER PRIMARY KEY,
  tenant       TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  epoch        INTEGER NOT NULL,            -- life of the grain that owns the room; rises with each activation
  seq          INTEGER NOT NULL,            -- number of the last event; with epoch the fence of every write
  open         INTEGER NOT NULL,            -- 1 while the room exists
  info         TEXT,                        -- RoomInfo as JSON while open: the directory
  snapshot     TEXT,                        -- RoomState as JSON at snapshot_seq
  snapshot_seq INTEGER NOT NULL DEFAULT 0,
  UNIQUE (tenant, name)
) STRICT;

CREATE INDEX room_open ON room (tenant, name) WHERE open = 1;

CREATE TABLE room_event (
  room     INTEGER NOT NULL REFERENCES room (id),
  seq      INTEGER NOT NULL,
  at       INTEGER NOT NULL,                -- Unix milliseconds
  audience TEXT    NOT NULL,
  event    TEXT    NOT NULL,                -- RoomEvent as JSON, "kind" first
  PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

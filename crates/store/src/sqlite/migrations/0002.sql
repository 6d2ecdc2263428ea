-- Documents of Atomic Data, by number. 'above' is the number of the parent, for as long as that is there; 'heading' is what rights depend on
-- (the lists of agents, the URL of the parent), 'body' all properties, both as JSON.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL UNIQUE,
    above INTEGER,
    heading TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- By what documents are found: hashes of properties, of properties with a value, and of URLs.
CREATE TABLE atoms (
    atom INTEGER NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (atom, document)
) STRICT, WITHOUT ROWID;

-- The signed commit of an event as JSON, and the chat that an event is about.
ALTER TABLE events ADD COLUMN signed TEXT;
ALTER TABLE events ADD COLUMN about INTEGER;
UPDATE events SET about = coalesce(
    body ->> '$.chat_posted.id',
    body ->> '$.chat_edited.id',
    body ->> '$.chat_deleted.chat',
    body ->> '$.chat_reacted.chat'
) WHERE topic LIKE 'room/%';
CREATE INDEX events_by_chat ON events (about, id) WHERE about IS NOT NULL;

-- The event of each commit, by its signature in base64.
CREATE TABLE commits (
    signature TEXT PRIMARY KEY,
    event INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Chats that are known by a subject of their own.
CREATE TABLE chat_subjects (
    subject TEXT PRIMARY KEY,
    chat INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- Files by the SHA-256 of their bytes. A file is there when its row is; its chunks come first, one by one.
CREATE TABLE files (
    digest BLOB PRIMARY KEY,
    chunks INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE chunks (
    digest BLOB NOT NULL,
    number INTEGER NOT NULL,
    bytes BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX chunks_of_files ON chunks (digest, number);

-- A third kind of login: '#' and an agent key in hexadecimal, so that each is one user's.
INSERT OR IGNORE INTO logins (login, user) SELECT '#' || hex(agent), user FROM accounts WHERE length(agent) = 32;

-- Facts about this database: 'epoch', the life of every topic's history.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What can be said, found and changed, by number. The columns are what is searched by; the body is the whole, as JSON.
-- Classes: 0 server (its only number is 0), 1 chat, 2 room, 3 thread, 4 user, 5 role.
-- Parents: the room of a chat, thread or room.
CREATE TABLE resources (
    id INTEGER PRIMARY KEY,
    class INTEGER NOT NULL,
    parent INTEGER,
    thread INTEGER,
    author INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
-- Every index ends in the id, as SQLite's do; so chats are read in order from any of them.
CREATE INDEX resources_by_parent ON resources (parent, class, created_at);
CREATE INDEX chats_by_thread ON resources (thread, created_at) WHERE thread IS NOT NULL;
CREATE INDEX chats_by_author ON resources (author, created_at) WHERE class = 1;
CREATE INDEX chats_by_time ON resources (created_at) WHERE class = 1;
CREATE UNIQUE INDEX threads_by_source ON resources (body ->> '$.source') WHERE class = 3;
CREATE UNIQUE INDEX roles_by_name ON resources (body ->> '$.name') WHERE class = 5;
CREATE INDEX users ON resources (id) WHERE class = 4;
CREATE INDEX rooms ON resources (id) WHERE class = 2;

-- The event log. Places of a topic count from 1 without gaps.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    place INTEGER NOT NULL,
    at INTEGER NOT NULL,
    author INTEGER NOT NULL,
    author_name TEXT NOT NULL,
    via TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_place ON events (topic, place);

-- The private half of a user.
CREATE TABLE accounts (
    user INTEGER PRIMARY KEY REFERENCES resources (id) ON DELETE CASCADE,
    email TEXT,
    password TEXT,
    agent BLOB NOT NULL,
    agent_secret BLOB NOT NULL,
    token_generation INTEGER NOT NULL
) STRICT;

-- Whose a login is: '=' and a username, or '@' and an e-mail in lower case.
CREATE TABLE logins (
    login TEXT PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES accounts (user)
) STRICT, WITHOUT ROWID;

-- Reactions to a chat, in the order in which they first came, and who feels so.
CREATE TABLE reactions (
    chat INTEGER NOT NULL,
    place INTEGER NOT NULL,
    reaction TEXT NOT NULL,
    users INTEGER NOT NULL,
    PRIMARY KEY (chat, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE reactors (
    chat INTEGER NOT NULL,
    place INTEGER NOT NULL,
    user INTEGER NOT NULL,
    PRIMARY KEY (chat, place, user)
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
    role INTEGER NOT NULL REFERENCES resources (id),
    user INTEGER NOT NULL REFERENCES accounts (user),
    PRIMARY KEY (role, user)
) STRICT, WITHOUT ROWID;

-- Sets of rights. Scope 0 is everywhere, else a room; kind 0 is a user's, 1 a role's.
CREATE TABLE grants (
    scope INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    holder INTEGER NOT NULL,
    rights TEXT NOT NULL,
    PRIMARY KEY (scope, kind, holder)
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_by_holder ON grants (kind, holder);

CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The stems of each chat's words, by its number. Stems hold letters and digits only; this tokenizer parts them at the spaces between
-- and changes nothing. Only "which chats have this stem" is asked, so neither the text nor the places of words are kept.
CREATE VIRTUAL TABLE stems USING fts5 (
    terms,
    content = '',
    contentless_delete = 1,
    detail = none,
    tokenize = 'ascii'
);
-- Each commit adds a small segment to the index, and the writer has a few pages of them merged, 16 segments at once. FTS5's own merging is
-- off: it comes in lumps that a commit has to wait for. Only where the writer falls far behind (512 segments) does it step in.
INSERT INTO stems (stems, rank) VALUES ('automerge', 0), ('usermerge', 16), ('crisismerge', 512);

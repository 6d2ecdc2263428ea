-- Other houses: what they sent, who follows whom, what waits to be sent to them, and how things stand with each.

-- Two more kinds of login: '~' and the name of a user of another house, and '!' and its address. Nobody logs in by them.

-- Notes of users here are resources: class 6.
CREATE INDEX notes_by_author ON resources (author) WHERE class = 6;

-- Entities of other houses, as they are now, by the number of the event by which each was first taken. 'hash' is of the name's key, or of the
-- signature where there is no name; 'feed' of the key of the actor or group whose followers read it. 'form' is 5 (by URI) or 6 (by reference).
-- What is 'gone' was taken back: its name stays. What is 'passing' is forgotten after a while.
CREATE TABLE entities (
    id INTEGER PRIMARY KEY,
    hash INTEGER NOT NULL,
    host TEXT NOT NULL,
    form INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT,
    actor TEXT,
    signed_at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    passing INTEGER NOT NULL,
    gone INTEGER NOT NULL,
    feed INTEGER,
    chat INTEGER,
    felt_about INTEGER,
    felt TEXT,
    exclusive INTEGER,
    signature TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX entities_by_hash ON entities (hash);
CREATE INDEX entities_by_feed ON entities (feed) WHERE feed IS NOT NULL;
CREATE UNIQUE INDEX entities_by_chat ON entities (chat) WHERE chat IS NOT NULL;
CREATE INDEX passing_entities ON entities (taken_at) WHERE passing = 1;

-- What of ours an entity is about. Bonds: 0 mention, 1 reply, 2 quote, 3 reaction, 4 any other. 'actor' is a hash of the actor's key.
CREATE TABLE bonds (
    own INTEGER NOT NULL,
    bond INTEGER NOT NULL,
    entity INTEGER NOT NULL,
    actor INTEGER NOT NULL,
    PRIMARY KEY (own, bond, entity)
) STRICT, WITHOUT ROWID;
CREATE INDEX bonds_of_entities ON bonds (entity);
CREATE INDEX reactions_by_actor ON bonds (own, actor) WHERE bond = 3;

-- What users here feel about entities, and since when.
CREATE TABLE feelings (
    entity INTEGER NOT NULL,
    user INTEGER NOT NULL,
    reaction TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (entity, user, reaction)
) STRICT, WITHOUT ROWID;

-- Who follows whom, or is in which room. States: 0 pending, 1 accepted, 2 rejected, 3 ended.
-- 'signed_at' is when the other house signed its last word about it.
CREATE TABLE follows (
    followee INTEGER NOT NULL,
    follower INTEGER NOT NULL,
    state INTEGER NOT NULL,
    signed_at INTEGER NOT NULL,
    PRIMARY KEY (followee, follower)
) STRICT, WITHOUT ROWID;
CREATE INDEX standing_follows ON follows (followee, state) WHERE state < 2;

-- What waits for other houses, in the order of its numbers, which are never given twice. With an error it was given up.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    host TEXT NOT NULL,
    form INTEGER NOT NULL,
    kind TEXT NOT NULL,
    signer TEXT NOT NULL,
    inbox TEXT,
    at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due INTEGER NOT NULL,
    error TEXT,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX waiting_items ON outbox (host) WHERE error IS NULL;
CREATE INDEX dead_letters ON outbox (host) WHERE error IS NOT NULL;

-- Houses that are known. Standings: 0 neutral, 1 allowed, 2 blocked.
CREATE TABLE peers (
    host TEXT PRIMARY KEY,
    standing INTEGER NOT NULL,
    dead_since INTEGER,
    error_at INTEGER,
    error TEXT,
    heard_at INTEGER,
    reached_at INTEGER
) STRICT, WITHOUT ROWID;

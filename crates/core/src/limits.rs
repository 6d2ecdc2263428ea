//! Every bound there is, by name: one table for the code, the configuration, its example file and the metrics.

use serde::{Deserialize, Serialize};

/// One row of the table of limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The name in the configuration (`[limits]`) and the metrics.
    pub name: &'static str,
    /// What it bounds, and what happens there; the unit is in the name's last word.
    pub doc: &'static str,
    /// The value where nothing is configured.
    pub default: u64,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident = $default:expr;)*) => {
        /// The bounds of a running server.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Limits { $($(#[doc = $doc])+ pub $name: u64,)* }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Limits {
            /// Every bound, in the order of the configuration file.
            pub const TABLE: &'static [Bound] = &[$(Bound {
                name: stringify!($name),
                doc: concat!($($doc, "\n"),+),
                default: $default,
            },)*];

            /// The value in force of each row of [`Limits::TABLE`].
            pub fn values(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($name), self.$name),)*].into_iter()
            }

            /// Sets the bound of this name; `false` where there is none.
            pub fn set(&mut self, name: &str, value: u64) -> bool {
                match name {
                    $(stringify!($name) => self.$name = value,)*
                    _ => return false,
                }
                true
            }
        }
    };
}

limits! {
    /// Open connections in all; more are answered 503.
    connections = 100_000;
    /// Open connections from one address; more are answered 503. Loopback is exempt: a proxy on this machine is one address.
    address_connections = 1_024;
    /// Time for TLS, the request head, and the upgrade.
    handshake_seconds = 10;
    /// Time for a plain HTTP request, body and answer.
    request_seconds = 30;
    /// Size of a request head; more is answered 431.
    header_bytes = 16_384;
    /// Size of a JSON request body; more is answered 413.
    body_bytes = 262_144;
    /// Size of an uploaded image; more is answered 413.
    image_bytes = 8_388_608;
    /// Pixels of an image, width times height; more is answered 413.
    image_pixels = 40_000_000;
    /// Images being decoded or resized at once; further ones wait.
    image_jobs = 2;
    /// Size of one WebSocket message after reassembly, in every room; a room may allow less. More is closed with 1009.
    message_bytes = 16_777_216;
    /// Frames of one WebSocket message; more are closed with 1009.
    message_fragments = 65_537;
    /// Time between pings to a silent peer.
    ping_seconds = 20;
    /// Time for any sign of life after a ping; then the connection is dropped.
    pong_seconds = 20;
    /// Time for the peer to take and answer a close frame; then the connection is dropped.
    close_seconds = 5;
    /// Time that a connection must last before its user counts as online.
    presence_delay_ms = 1_000;
    /// Time to finish calls and open connections at shutdown; calls that take longer are answered 503.
    drain_seconds = 10;
    /// Bytes waiting for one connection that does not read; more close it with 1013 "slow consumer". One message may always wait.
    queue_bytes = 1_048_576;
    /// Bytes waiting for all connections; above it, whoever has more than a fair share is treated as slow.
    queue_total_bytes = 268_435_456;
    /// Bytes of messages and request bodies that are not whole yet, of all connections; above it, whoever has sent more than a fair share
    /// is closed with 1013, or answered 503.
    receiving_total_bytes = 268_435_456;
    /// Calls of one connection under way; its further messages wait unread.
    connection_calls = 64;
    /// Events waiting to be fanned out by one delivery task; publishers wait or are refused.
    delivery_events = 65_536;
    /// Subscriptions of one connection.
    connection_subscriptions = 10_000;
    /// Targets of one published notice.
    publish_targets = 1_024;
    /// Length of a topic path.
    topic_bytes = 1_024;
    /// Segments of a pattern that can hear more than one topic, so that ten thousand of them stay affordable.
    pattern_segments = 16;
    /// Messages from one connection, per second, on average.
    connection_messages_per_second = 2_000;
    /// Messages from one connection at once; further ones wait unread, or are refused in rooms that say so (Concord).
    connection_messages_burst = 4_000;
    /// Messages and requests of one user over all its connections, per second, on average.
    identity_messages_per_second = 10_000;
    /// Messages and requests of one user at once; further messages wait or are refused in the same way, requests are answered 429.
    identity_messages_burst = 20_000;
    /// Failed logins for one account from one address within a minute; then it waits there, and its owner elsewhere does not.
    account_login_failures = 10;
    /// Failed logins for one account from all addresses within a minute; then it waits everywhere.
    account_total_login_failures = 100;
    /// Failed logins from one address within a minute; then it waits.
    address_login_failures = 100;
    /// Registrations from one address within a minute; then it waits.
    address_registrations = 600;
    /// Users, accounts and addresses whose attempts are counted at once; others wait while all are in use.
    rate_keys = 131_072;
    /// Passwords being hashed at once; further ones wait.
    password_hashes = 2;
    /// Length of a password.
    password_bytes = 1_024;
    /// Length of a username, e-mail, room, role or thread name.
    name_bytes = 256;
    /// Length of a description.
    description_bytes = 4_096;
    /// Length of a chat.
    content_bytes = 262_144;
    /// Length of a reaction.
    reaction_bytes = 128;
    /// Different reactions to one chat.
    chat_reactions = 256;
    /// Capabilities of a room.
    room_capabilities = 32;
    /// Chats in one answer; asking for more gives this many.
    page_chats = 200;
    /// Words of a search that count.
    search_words = 32;
    /// How far from the server's clock a client may date its chat; else the server's clock counts.
    chat_clock_skew_seconds = 30;
    /// Rooms in all.
    rooms = 100_000;
    /// Depth of the tree of rooms.
    room_depth = 32;
    /// Roles in all.
    roles = 10_000;
    /// Size of a commit; more is refused.
    commit_bytes = 2_097_152;
    /// Size of a document as JSON; a commit that makes it larger is refused.
    document_bytes = 8_388_608;
    /// Items of an array in a document; a commit that makes it longer is refused.
    document_items = 50_000;
    /// Documents above one another; deeper ones are refused.
    document_depth = 64;
    /// Size of a document's lists of agents and its parent as JSON; a commit that makes them larger is refused.
    document_rights_bytes = 131_072;
    /// Properties and classes of one document with URLs of this house that a commit makes it look for; one that needs more is refused.
    document_terms = 256;
    /// Size of a document that is read as a property or class; larger ones say nothing of datatypes and requirements.
    term_bytes = 65_536;
    /// Members of a collection on one page; asking for more gives this many.
    page_members = 10_000;
    /// Bytes of documents and messages on one page; one is always there. Behind that, a collection has stubs that are marked as incomplete,
    /// a chat room has fewer messages and a next page, and a search ends.
    page_bytes = 16_777_216;
    /// Documents that one query looks at; a query that finds more is refused.
    query_documents = 100_000;
    /// Results of a search for documents; asking for more gives this many.
    search_results = 1_000;
    /// Commits of a document in one answer, and missed events that are made up for at once; for more, the state is to be read again.
    history_commits = 10_000;
    /// Bytes of commits and chats in one answer from a history; it ends there, and for more, the state is to be read again.
    history_bytes = 67_108_864;
    /// Size of one upload, all files together; more is answered 413.
    upload_bytes = 67_108_864;
    /// Files of one upload.
    upload_files = 64;
    /// How long a signed request or socket may follow its signature.
    proof_seconds = 300;
    /// How long a signed session (a cookie, a Bearer) holds. Clients sign one for a day and do not renew it before.
    session_proof_seconds = 90_000;
    /// How far ahead of the server's clock a proof or commit may be dated.
    signature_skew_seconds = 10;
    /// Events kept back for one connection that is catching up; more close it with 1013.
    held_events = 10_000;
    /// Size of a command over the Flamigo socket; more is closed with 1009. The original's bound: raise it for longer chats and payloads.
    command_bytes = 2_048;
    /// How long a Flamigo socket or worker may stay without showing who it is; then it is closed with 1008.
    authentication_seconds = 30;
    /// How often a Flamigo socket or worker may fail to show who it is; at the next attempt it is closed with 1008.
    authentication_attempts = 16;
    /// Procedures that are registered at once.
    procedures = 10_000;
    /// Calls of procedures under way at once; more are answered 503.
    procedure_calls = 65_536;
    /// Calls of procedures of one user under way, over all its connections; more are answered 429. Who is no user shares it with its address.
    identity_calls = 4_096;
    /// Calls that wait for a worker that is free; more are answered 503.
    procedure_waiting_calls = 16_384;
    /// How long a call may take where its procedure says nothing of it; then it is answered 504.
    procedure_seconds = 30;
    /// How long a procedure may say that its calls take.
    procedure_longest_seconds = 3_600;
    /// Size of the answer of a webhook; a larger one is an error.
    webhook_bytes = 1_048_576;
    /// Calls that one worker connection may take at once.
    worker_calls = 1_024;
    /// Procedures that one worker connection may run.
    worker_procedures = 1_024;
    /// Size of all that one worker connection says of the procedures that it runs; more is refused.
    worker_registration_bytes = 4_194_304;
    /// Events that wait for one listener within the house (an embedder's, or `quintet tail`); more are lost to it, and it is told so.
    listener_events = 4_096;
    /// Size of an entity of another server; a larger one is refused.
    entity_bytes = 262_144;
    /// Size of one message of another server's socket; more closes it with 1009.
    peer_frame_bytes = 1_048_576;
    /// Messages of one server's socket without a receipt that are taken; further ones wait unread.
    peer_window = 1_024;
    /// Size of these messages' entities in all; more wait unread.
    peer_window_bytes = 16_777_216;
    /// Authenticated sockets with one server; beyond that, the oldest is closed with 4409.
    peer_connections = 4;
    /// Sockets of one address whose other end has not shown yet which server it is; more are answered 503.
    address_strangers = 16;
    /// Sockets in all whose other end has not shown yet which server it is; more are answered 503.
    strangers = 1_024;
    /// Time for another server to show who it is; then its socket is closed with 4408.
    hello_seconds = 10;
    /// Time without a message in which a socket that we opened to another server is kept.
    peer_idle_seconds = 600;
    /// How far from our clock a signature of another server may be dated.
    signature_window_seconds = 300;
    /// Accepted messages of other servers that are known again.
    replay_entries = 1_048_576;
    /// Entities per second of one server over HTTP, on average; more are answered 429. Over a socket they wait unread.
    peer_messages_per_second = 10_000;
    /// Entities of one server at once.
    peer_messages_burst = 20_000;
    /// Keys that are fetched from other servers within a minute because of what came from one address; more are answered 429.
    address_inquiries = 600;
    /// How long the names of orders (follows, deletions) of other servers are kept, and entities with which nobody here is concerned.
    transient_seconds = 691_200;
    /// Entities that wait for one server; further ones are dead letters.
    outbox_items = 1_000_000;
    /// Entities of the queue for one server that are in memory, and events read at once for all queues.
    outbox_batch = 128;
    /// Entities on their way to other servers over HTTP, and sockets being opened to them; further ones wait their turn.
    postings = 32;
    /// What was given up of what was to be sent, as far as an operator is told of it at once: the newest.
    page_dead_letters = 200;
    /// Time for a receipt; then what was sent goes another way.
    receipt_seconds = 30;
    /// How long it is tried to deliver an entity; then it is given up.
    outbox_seconds = 604_800;
    /// Time to connect to another server for a fetch.
    fetch_connect_seconds = 5;
    /// Time for a fetch in all.
    fetch_seconds = 10;
    /// Size of what is fetched from another server; more is refused.
    fetch_bytes = 1_048_576;
    /// Fetches from one server at once; further ones wait.
    host_fetches = 4;
    /// Fetches at once in all; further ones wait.
    fetches = 64;
    /// Deliveries to other servers over HTTP, and sockets being opened to them, at once in all; further ones wait.
    deliveries = 256;
    /// Connections for deliveries over HTTP that are kept for the next one; beyond that, each is closed when it was used.
    kept_connections = 1_024;
    /// Profiles and keys of other servers and their users that are kept in mind.
    peer_profiles = 100_000;
    /// Servers that are known. Beyond that, strangers that were never reached make place; where there are none, new ones are refused.
    peers = 100_000;
    /// How long a key of another server holds without being fetched again.
    peer_key_seconds = 86_400;
    /// Whom one user may follow in other servers and here; more are refused.
    user_follows = 10_000;
    /// Whom one note may mention; more are refused.
    note_mentions = 64;
    /// Entities of other servers in one answer; asking for more gives this many.
    page_entities = 200;
    /// Size of a message of one operator to another (instance messaging); more is answered 413.
    operator_message_bytes = 16_384;
    /// Messages to the operator within a minute from one address, as they are unsigned; more are answered 429.
    address_operator_messages = 10;
    /// Changes waiting for the store; further ones wait.
    store_queue_changes = 8_192;
    /// Changes in one transaction of the store.
    store_batch_changes = 256;
}

/// Nesting of a JSON document where a room reads it itself; deeper ones are malformed. The bound that `serde_json` has, too.
pub const JSON_DEPTH: usize = 128;

/// Nesting of an entity of another server, the entity itself included (versia.md, section 5).
pub const ENTITY_DEPTH: usize = 64;

/// Values within an entity of another server, however deep they are; one with more is malformed.
pub const ENTITY_VALUES: usize = 16_384;

/// Length of what names something of another server.
pub const ADDRESS_BYTES: usize = 2_048;

/// Fields of one payload that are told to be wrong; of more nothing is said, or a long list of nothing good would make a reply of many times its size.
pub const FIELD_ERRORS: usize = 64;

/// Things of this house that one entity of another house is found by (whom it mentions, what it answers); of more nothing is noted.
pub const ENTITY_BONDS: usize = 256;

impl Limits {
    /// [`Limits::body_bytes`] as a size in memory.
    pub fn body_bytes_size(&self) -> usize {
        size(self.body_bytes)
    }

    /// [`Limits::image_bytes`] as a size in memory.
    pub fn image_bytes_size(&self) -> usize {
        size(self.image_bytes)
    }
}

/// A bound as a size in memory; what no machine can hold is as good as unbounded.
pub fn size(bound: u64) -> usize {
    usize::try_from(bound).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_set_by_its_name() {
        let mut limits = Limits::default();
        assert!(limits.set("rooms", 3));
        assert!(!limits.set("doors", 3));
        assert_eq!(limits, Limits { rooms: 3, ..Limits::default() });
    }

    #[test]
    fn the_table_tells_the_defaults() {
        let limits = Limits::default();
        for (bound, (name, value)) in Limits::TABLE.iter().zip(limits.values()) {
            assert_eq!((bound.name, bound.default), (name, value));
            assert!(!bound.doc.trim().is_empty(), "{name} wants a sentence");
        }
    }
}

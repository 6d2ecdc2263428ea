//! A good entity of each type, in both forms.

use serde_json::{Value, json};

/// Of 0.5, by `https://a.example/users/1` or the house `a.example`.
pub(super) fn uri(kind: &str) -> Value {
    let own = match kind {
        "Note" => json!({
            "uri": "https://a.example/notes/1", "author": "https://a.example/users/1", "group": "public",
            "content": {"text/plain": {"content": "Hi Alice", "remote": false}},
            "collections": {"replies": "https://a.example/notes/1/replies", "quotes": "https://a.example/notes/1/quotes"},
        }),
        "User" => json!({
            "uri": "https://a.example/users/1", "username": "bob", "inbox": "https://a.example/users/1/inbox",
            "collections": {
                "outbox": "https://a.example/users/1/outbox", "followers": "https://a.example/users/1/followers",
                "following": "https://a.example/users/1/following", "featured": "https://a.example/users/1/featured",
            },
            "public_key": {
                "actor": "https://a.example/users/1", "algorithm": "ed25519",
                "key": "MCowBQYDK2VwAyEA9oGFPbz+LThzQSOhWhOpUdFxLG07Rqmn0HtAFaCz/hM=",
            },
        }),
        "InstanceMetadata" => json!({
            "id": null, "name": "A", "software": {"name": "quintet", "version": "1.0"}, "host": "a.example",
            "compatibility": {"versions": ["0.5.0", "0.6.0"], "extensions": ["pub.versia:likes"]},
            "public_key": {"algorithm": "ed25519", "key": "MCowBQYDK2VwAyEA9oGFPbz+LThzQSOhWhOpUdFxLG07Rqmn0HtAFaCz/hM="},
            "shared_inbox": "https://a.example/inbox",
        }),
        "pub.versia:groups/Group" => json!({
            "uri": "https://a.example/groups/1", "members": "https://a.example/groups/1/members",
            "name": {"text/html": {"content": "<b>The</b> group", "remote": false}},
        }),
        _ => pointing(kind, "https://a.example/users/1", "https://a.example/groups/1", "https://b.example"),
    };
    let mut whole = json!({"type": kind, "id": "e-1", "created_at": "2024-10-18T08:56:40Z"});
    merge(&mut whole, own);
    if matches!(kind, "pub.versia:likes/Like" | "pub.versia:likes/Dislike" | "pub.versia:reactions/Reaction")
        || matches!(kind, "pub.versia:polls/Vote" | "pub.versia:share/Share")
    {
        whole["uri"] = json!("https://a.example/things/e-1");
    }
    whole
}

/// Of 0.6, by the house `a.example`.
pub(super) fn reference(kind: &str) -> Value {
    let own = match kind {
        "Note" => json!({
            "author": "1", "group": "public", "content": {"text/plain": {"content": "Hi Alice", "remote": false}},
            "attachments": [], "is_sensitive": false, "mentions": [], "previews": [], "subject": null,
        }),
        "User" => json!({"username": "bob", "fields": [], "manually_approves_followers": false, "indexable": true}),
        "InstanceMetadata" => {
            let mut sample = uri(kind);
            sample["domain"] = json!("a.example");
            sample
        }
        "pub.versia:groups/Group" => {
            json!({"open": true, "name": {"text/plain": {"content": "The group", "remote": false}}})
        }
        _ => pointing(kind, "1", "a.example:g1", "b.example:"),
    };
    let mut whole = json!({"type": kind, "id": "e-1", "created_at": "2025-12-20T09:00:00Z"});
    merge(&mut whole, own);
    whole
}

/// Those that are little more than pointers. `there` is what ours begin with.
fn pointing(kind: &str, author: &str, group: &str, there: &str) -> Value {
    let ours = |name: &str, id: &str| {
        if there.ends_with(':') { format!("{there}{id}") } else { format!("{there}/{name}/{id}") }
    };
    let (alice, note, room) = (ours("users", "4096"), ours("notes", "4097"), ours("groups", "4098"));
    match kind {
        "Follow" | "Unfollow" => json!({"author": author, "followee": alice}),
        "FollowAccept" | "FollowReject" => json!({"author": author, "follower": alice}),
        "Delete" => json!({"author": author, "deleted_type": "Note", "deleted": group.replace("groups", "notes")}),
        "pub.versia:likes/Like" => json!({"author": author, "liked": note}),
        "pub.versia:likes/Dislike" => json!({"author": author, "disliked": note}),
        "pub.versia:reactions/Reaction" => json!({"author": author, "object": note, "content": "🎉"}),
        "pub.versia:polls/Vote" => json!({"author": author, "poll": note, "option": 0}),
        "pub.versia:share/Share" => json!({"author": author, "shared": note}),
        "pub.versia:groups/Subscribe" | "pub.versia:groups/Unsubscribe" => json!({"subscriber": author, "group": room}),
        "pub.versia:groups/SubscribeAccept" | "pub.versia:groups/SubscribeReject" => {
            json!({"subscriber": alice, "group": group})
        }
        "pub.versia:groups/Federate" => json!({"note": author.replace("users", "notes"), "group": group}),
        "pub.versia:reports/Report" => json!({"author": author, "reported": [note], "tags": ["spam"]}),
        "pub.versia:migration/Migration" => json!({"author": author, "destination": alice}),
        _ => json!({"author": author}),
    }
}

/// Puts members into an object, or takes out those that are `"-"`.
pub(super) fn merge(whole: &mut Value, with: Value) {
    let (Value::Object(whole), Value::Object(with)) = (whole, with) else { panic!("both are objects") };
    for (name, value) in with {
        match value {
            Value::String(text) if text == "-" => drop(whole.remove(&name)),
            Value::Object(inner) if whole.get(&name).is_some_and(Value::is_object) && !name.is_empty() => {
                merge(whole.get_mut(&name).unwrap(), Value::Object(inner));
            }
            value => drop(whole.insert(name, value)),
        }
    }
}

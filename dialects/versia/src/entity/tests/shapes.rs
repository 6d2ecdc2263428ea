//! Every member of every type, missing and wrong (versia.md, sections 4.1, 4.3 to 4.5).

use super::*;

/// What is wrong, by kind, change, and the member that the error begins with.
fn refused(form: Form, kind: &str, changes: &Value) -> String {
    let expected = if form == Form::Uri { 400 } else { 422 };
    match sample(form, kind, changes.clone()) {
        Ok(_) => panic!("{form:?} {kind} took {changes}"),
        Err(error) => {
            assert_eq!(error.status(), expected, "{form:?} {kind} {changes}: {error}");
            error.public().to_owned()
        }
    }
}

/// Refused where a member is missing, null, or a number.
fn needs(form: Form, kind: &str, members: &[&str]) {
    for member in members {
        for bad in [json!("-"), json!(null), json!(5), json!([5])] {
            let said = refused(form, kind, &json!({ *member: bad }));
            assert!(said.starts_with(&format!("{member}: ")), "{form:?} {kind}.{member}: {said}");
        }
    }
}

#[test]
fn required_members_are_required() {
    for form in FORMS {
        for (kind, members) in [
            ("Note", &["author", "created_at", "id"][..]),
            ("User", &["username", "id"]),
            ("InstanceMetadata", &["name", "software", "compatibility", "public_key"]),
            ("Follow", &["author", "followee"]),
            ("Unfollow", &["author", "followee"]),
            ("FollowAccept", &["author", "follower"]),
            ("FollowReject", &["author", "follower"]),
            ("Delete", &["deleted_type", "deleted"]),
            (kind::LIKE, &["id", "author", "liked"]),
            (kind::DISLIKE, &["id", "author", "disliked"]),
            (kind::REACTION, &["id", "author", "object", "content"]),
            (kind::SHARE, &["id", "author", "shared"]),
            (kind::GROUP, &["id"]),
            (kind::SUBSCRIBE, &["subscriber", "group"]),
            (kind::UNSUBSCRIBE, &["subscriber", "group"]),
            (kind::SUBSCRIBE_ACCEPT, &["subscriber", "group"]),
            (kind::SUBSCRIBE_REJECT, &["subscriber", "group"]),
            (kind::FEDERATE, &["note", "group"]),
            (kind::REPORT, &["reported", "tags"]),
            (kind::MIGRATION, &["author", "destination"]),
            (kind::VOTE, &["id", "author", "poll"]),
        ] {
            needs(form, kind, members);
            for bad in [json!("-"), json!(null), json!(0), json!("today"), json!("0000-01-01T00:00:00Z")] {
                refused(form, kind, &json!({"created_at": bad}));
            }
        }
    }
    for (kind, members) in [
        ("Note", &["uri", "collections"][..]),
        ("User", &["uri", "collections", "inbox", "public_key"]),
        ("InstanceMetadata", &["host"]),
        ("Follow", &["id"]),
        ("Delete", &["id"]),
        (kind::LIKE, &["uri"]),
        (kind::GROUP, &["uri", "members"]),
        (kind::FEDERATE, &["id"]),
        ("org.example:x/Y", &["id"]),
    ] {
        needs(Form::Uri, kind, members);
    }
    for (kind, members) in [
        ("Note", &["attachments", "is_sensitive", "mentions", "previews"][..]),
        ("User", &["fields", "manually_approves_followers", "indexable"]),
        ("InstanceMetadata", &["domain"]),
        (kind::GROUP, &["open"]),
        ("Delete", &["author"]),
    ] {
        needs(Form::Reference, kind, members);
    }
}

#[test]
fn types_are_words_of_the_core_or_of_a_namespace() {
    for form in FORMS {
        for bad in
            ["", "Nothing", "note", "Collection", "x/Y", "x:y", "X:y/Z", "x:y/Z/W", "x:Y/Z", ":y/Z", "x:/Z", "x:y/"]
        {
            assert!(refused(form, "Note", &json!({"type": bad})).starts_with("type: "));
        }
        refused(form, "Note", &json!({"type": format!("x:y/{}", "Z".repeat(300))}));
        needs(form, "Note", &["type"]);
    }
}

#[test]
fn common_members_have_their_shapes() {
    let long = "é".repeat(513);
    for bad in
        [json!({"id": long}), json!({"extensions": []}), json!({"extensions": {"x": 1}}), json!({"$schema": "x"})]
    {
        for kind in ["Note", "Follow"] {
            refused(Form::Uri, kind, &bad);
        }
    }
    assert!(sample(Form::Uri, "Follow", json!({"id": "é ".repeat(256)})).is_ok());
    for bad in ["", "a b", "a:b", "é", "a/b", &"x".repeat(513)] {
        refused(Form::Reference, "Note", &json!({"id": bad}));
    }
    let transient = ["Follow", "Unfollow", "FollowAccept", "FollowReject", "Delete", kind::SUBSCRIBE, kind::FEDERATE];
    for kind in transient.into_iter().chain([kind::REPORT, kind::MIGRATION]) {
        assert!(refused(Form::Uri, kind, &json!({"uri": "https://a.example/x"})).starts_with("uri: "));
        assert!(sample(Form::Uri, kind, json!({"uri": null})).is_ok());
    }
}

#[test]
fn content_is_of_its_media_types() {
    let text = |entry: Value| json!({"content": {"text/plain": entry}});
    let bad = [
        json!({"content": {"text/plain": "-"}}),
        json!({"content": "Hi"}),
        json!({"content": {"image/png": {"content": "https://a.example/x", "remote": true}}}),
        json!({"content": {"plain": {"content": "x", "remote": false}}}),
        text(json!("x")),
        text(json!({"content": "-"})),
        text(json!({"content": 5})),
        text(json!({"remote": "-"})),
        text(json!({"remote": null})),
        text(json!({"remote": "false"})),
        text(json!({"remote": true, "content": "https://a.example/x"})),
        text(json!({"description": 5})),
        text(json!({"thumbhash": 5})),
        text(json!({"size": -1})),
        text(json!({"size": 1.0})),
        text(json!({"size": 1e3})),
        text(json!({"size": "1"})),
        text(json!({"width": 0.5})),
        text(json!({"height": []})),
        text(json!({"fps": true})),
        text(json!({"duration": -0.1})),
        text(json!({"duration": "1"})),
    ];
    for form in FORMS {
        for bad in &bad {
            assert!(refused(form, "Note", bad).starts_with("content"), "{bad}");
        }
        let said = refused(form, "Note", &text(json!({"content": 5})));
        assert_eq!(said, "content: text/plain must have a content string");
        let attached = |media: &str, entry: Value| json!({"attachments": [{media: entry}]});
        refused(form, "Note", &attached("text/plain", json!({"content": "x", "remote": false})));
        refused(form, "Note", &attached("image/png", json!({"content": "x", "remote": true})));
        refused(form, "Note", &attached("image", json!({"content": "https://x.example", "remote": true})));
        refused(form, "Note", &attached("image/png", json!({"content": "javascript:1", "remote": true})));
        refused(form, "Note", &json!({"attachments": [{}]}));
        refused(form, "Note", &json!({"attachments": ["x"]}));
        let wide = text(json!({"size": u64::MAX, "duration": 0, "width": null}));
        assert!(sample(form, "Note", wide).is_ok());
    }
    let hash = |value: Value| text(json!({"hash": value}));
    for bad in [json!("00"), json!({"sha256": "xyz"}), json!({"md5": 5}), json!({"sha1": ""}), json!({"md5": "abc"})] {
        refused(Form::Uri, "Note", &hash(bad));
    }
    for bad in [json!({"sha256": "00"}), json!("00"), json!("x".repeat(64)), json!(5)] {
        refused(Form::Reference, "Note", &hash(bad));
    }
    assert!(sample(Form::Reference, "Note", hash(json!("aB".repeat(32)))).is_ok());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn members_of_each_type_have_their_shapes() {
    let vanity = |block: Value| json!({"extensions": {"pub.versia:vanity": block}});
    let poll = |block: Value| json!({"extensions": {"pub.versia:polls": block}});
    let option = json!({"text/plain": {"content": "x", "remote": false}});
    let emojis = |item: Value| json!({"extensions": {"pub.versia:custom_emojis": {"emojis": [item]}}});
    let image = json!({"image/png": {"content": "https://a.example/x.png", "remote": true}});
    let both = [
        ("Note", json!({"category": "diary"})),
        ("Note", json!({"group": 5})),
        ("Note", json!({"group": "nobody in particular"})),
        ("Note", json!({"is_sensitive": "no"})),
        ("Note", json!({"mentions": "x"})),
        ("Note", json!({"mentions": [5]})),
        ("Note", json!({"mentions": ["not a name"]})),
        ("Note", json!({"replies_to": "not a name"})),
        ("Note", json!({"quotes": 5})),
        ("Note", json!({"subject": {}})),
        ("Note", json!({"device": {}})),
        ("Note", json!({"device": {"name": "x", "version": 5}})),
        ("Note", json!({"device": {"name": "x", "url": "x"}})),
        ("Note", json!({"previews": [{"link": "https://x.example"}]})),
        ("Note", json!({"previews": [{"title": "x"}]})),
        ("Note", json!({"previews": [{"title": "x", "link": "x"}]})),
        ("Note", json!({"previews": [{"title": "x", "link": "https://x.example", "icon": "x y"}]})),
        ("Note", json!({"previews": [5]})),
        ("Note", poll(json!(5))),
        ("Note", poll(json!({"options": [option], "votes": [0]}))),
        ("Note", poll(json!({"options": [option], "votes": [0, 1], "multiple_choice": true}))),
        ("Note", poll(json!({"options": [option], "votes": [-1], "multiple_choice": true}))),
        ("Note", poll(json!({"options": ["x"], "votes": [0], "multiple_choice": true}))),
        ("Note", poll(json!({"options": [option], "votes": [0], "multiple_choice": true, "expires_at": "x"}))),
        ("Note", emojis(json!({"name": "::", "content": image}))),
        ("Note", emojis(json!({"name": ":c t:", "content": image}))),
        ("Note", emojis(json!({"name": ":cat:"}))),
        ("Note", json!({"extensions": {"pub.versia:interaction_controls": {"reply": {}}}})),
        (
            "Note",
            json!({"extensions": {"pub.versia:interaction_controls": {"reply": {"allowed": [], "disallowed": []}}}}),
        ),
        ("User", json!({"username": ""})),
        ("User", json!({"username": "b b"})),
        ("User", json!({"username": "bücher"})),
        ("User", json!({"display_name": 5})),
        ("User", json!({"avatar": option})),
        ("User", json!({"header": {}})),
        ("User", json!({"bio": image})),
        ("User", json!({"fields": [{"key": option}]})),
        ("User", json!({"fields": [{"key": image, "value": option}]})),
        ("User", json!({"indexable": 1})),
        ("User", json!({"manually_approves_followers": "yes"})),
        ("User", vanity(json!({"birthday": "yesterday"}))),
        ("User", vanity(json!({"pronouns": {"en": [5]}}))),
        ("User", vanity(json!({"pronouns": {"en": [{"subject": "she"}]}}))),
        ("User", vanity(json!({"background": option}))),
        ("User", vanity(json!({"audio": image}))),
        ("User", vanity(json!({"location": 5}))),
        ("User", vanity(json!({"aliases": ["not a name"]}))),
        ("User", json!({"extensions": {"pub.versia:migration": {}}})),
        ("Delete", json!({"deleted_type": "no type"})),
        ("Delete", json!({"deleted": "not a name"})),
        (kind::REACTION, json!({"content": ""})),
        (kind::REACTION, json!({"content": "x".repeat(257)})),
        (kind::REACTION, json!({"content": "a\nb"})),
        (kind::VOTE, json!({"option": -1})),
        (kind::VOTE, json!({"option": 1.0})),
        (kind::VOTE, json!({"option": "1"})),
        (kind::VOTE, json!({"option": "-"})),
        (kind::VOTE, json!({"option": 18_446_744_073_709_551_616.0})),
        (kind::REPORT, json!({"tags": [5]})),
        (kind::REPORT, json!({"comment": 5})),
        (kind::REPORT, json!({"reported": ["not a name"]})),
        (kind::GROUP, json!({"name": image})),
        (kind::GROUP, json!({"description": "x"})),
        (kind::GROUP, json!({"open": "yes"})),
        ("InstanceMetadata", json!({"name": ""})),
        ("InstanceMetadata", json!({"software": {"version": "-"}})),
        ("InstanceMetadata", json!({"compatibility": {"versions": ["0.5"]}})),
        ("InstanceMetadata", json!({"compatibility": {"extensions": ["likes"]}})),
        ("InstanceMetadata", json!({"public_key": {"algorithm": "rsa"}})),
        ("InstanceMetadata", json!({"logo": option})),
    ];
    for form in FORMS {
        for (kind, bad) in &both {
            refused(form, kind, bad);
        }
    }
    let raw = "9oGFPbz+LThzQSOhWhOpUdFxLG07Rqmn0HtAFaCz/hM=";
    for (kind, bad) in [
        ("Note", json!({"collections": {"replies": "-"}})),
        ("Note", json!({"collections": {"quotes": "x"}})),
        ("Note", json!({"collections": {"x.y:z/Z": 5}})),
        ("User", json!({"collections": {"featured": null}})),
        ("User", json!({"inbox": "/inbox"})),
        ("User", json!({"public_key": {"actor": "x"}})),
        ("User", json!({"public_key": {"algorithm": "-"}})),
        ("User", json!({"public_key": {"key": raw}})),
        ("User", json!({"public_key": {"key": "MCowBQYDK2VwAyEA9oGFPbz+LThzQSOhWhOpUdFxLG07Rqmn0HtAFaCz/hM"}})),
        ("User", json!({"public_key": {"key": "MCowBQYDK2VuAyEA9oGFPbz+LThzQSOhWhOpUdFxLG07Rqmn0HtAFaCz/hM="}})),
        (kind::GROUP, json!({"notes": "x"})),
        ("InstanceMetadata", json!({"shared_inbox": "x"})),
    ] {
        refused(Form::Uri, kind, &bad);
    }
    let delegation = |block: Value| json!({"extensions": {"pub.versia:delegation": block}});
    refused(Form::Reference, "User", &delegation(json!({})));
    refused(Form::Reference, "User", &delegation(json!({"delegator": "1", "allowed_delegates": ["2"]})));
    refused(Form::Reference, "User", &vanity(json!({"pronouns": {"en": ["she"]}})));
    assert!(sample(Form::Reference, "User", delegation(json!({"allowed_delegates": ["2"]}))).is_ok());
}

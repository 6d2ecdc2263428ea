//! Who says what is not its own to say, and how (versia.md, sections 4.2 and 5).

use super::*;

fn status(form: Form, signer: &Signer, kind: &str, changes: Value) -> u16 {
    let mut whole = if form == Form::Uri { samples::uri(kind) } else { samples::reference(kind) };
    samples::merge(&mut whole, changes);
    take(signer, &whole.to_string()).map_or_else(|error| error.status(), |_| 202)
}

#[test]
fn nobody_speaks_for_another() {
    let (user, house) = (user(), instance(Form::Uri));
    let by = |author: &str| json!({"author": author});
    let kinds = ["Note", "Follow", "Unfollow", "FollowAccept", "FollowReject", "Delete", kind::LIKE, kind::DISLIKE];
    let more = [kind::REACTION, kind::VOTE, kind::SHARE, kind::MIGRATION, kind::REPORT, "org.example:x/Y"];
    for kind in kinds.into_iter().chain(more) {
        assert_eq!(status(Form::Uri, &user, kind, json!({})), 202, "{kind}");
        for other in ["https://a.example/users/2", "https://c.example/users/1", "https://b.example/users/4096"] {
            assert_eq!(status(Form::Uri, &user, kind, by(other)), 403, "{kind} by {other}");
        }
        assert_eq!(status(Form::Uri, &user, kind, by("https://a.example/users/1/")), 403, "{kind}");
        assert_eq!(status(Form::Uri, &house, kind, json!({})), 403, "{kind} by the house for its user");
        let nobody = status(Form::Uri, &user, kind, json!({"author": null}));
        let expected = if matches!(kind, "Delete" | kind::REPORT | "org.example:x/Y") { 403 } else { 400 };
        assert_eq!(nobody, expected, "{kind} by nobody");
        for other in ["c.example:1", "b.example:4096"] {
            assert_eq!(status(Form::Reference, &instance(Form::Reference), kind, by(other)), 403, "{kind} by {other}");
        }
    }
    for kind in ["Delete", kind::REPORT, "org.example:x/Y"] {
        assert_eq!(status(Form::Uri, &house, kind, json!({"author": null})), 202, "{kind} by the house");
    }
    assert_eq!(status(Form::Uri, &house, kind::REPORT, json!({"author": "-"})), 202);
    assert_eq!(status(Form::Uri, &house, "Delete", json!({"author": "-"})), 400);
    assert_eq!(status(Form::Reference, &instance(Form::Reference), "Delete", json!({"author": null})), 422);
}

#[test]
fn groups_and_houses_are_spoken_for_by_their_house() {
    let (user, house) = (user(), instance(Form::Uri));
    for kind in [kind::GROUP, kind::SUBSCRIBE_ACCEPT, kind::SUBSCRIBE_REJECT, kind::FEDERATE, "InstanceMetadata"] {
        assert_eq!(status(Form::Uri, &house, kind, json!({})), 202, "{kind}");
        assert_eq!(status(Form::Uri, &user, kind, json!({})), 403, "{kind} by a user");
    }
    for kind in [kind::SUBSCRIBE_ACCEPT, kind::SUBSCRIBE_REJECT, kind::FEDERATE] {
        for group in ["https://c.example/groups/1", "https://b.example/groups/4098"] {
            assert_eq!(status(Form::Uri, &house, kind, json!({"group": group})), 403, "{kind} for {group}");
        }
        let there = status(Form::Reference, &instance(Form::Reference), kind, json!({"group": "c.example:1"}));
        assert_eq!(there, 403, "{kind}");
    }
    for kind in [kind::SUBSCRIBE, kind::UNSUBSCRIBE] {
        let other = json!({"subscriber": "https://a.example/users/2"});
        assert_eq!(status(Form::Uri, &user, kind, other), 403);
        assert_eq!(status(Form::Uri, &house, kind, json!({})), 403);
        let there = json!({"subscriber": "c.example:1"});
        assert_eq!(status(Form::Reference, &instance(Form::Reference), kind, there), 403);
    }
    let other = json!({"host": "c.example", "domain": "c.example"});
    assert_eq!(status(Form::Uri, &house, "InstanceMetadata", other.clone()), 403);
    assert_eq!(status(Form::Reference, &instance(Form::Reference), "InstanceMetadata", other), 403);
}

#[test]
fn names_are_not_squatted() {
    let user = user();
    for uri in ["https://c.example/notes/1", "https://b.example/notes/4097", "https://a.example:8443/notes/1"] {
        assert_eq!(status(Form::Uri, &user, "Note", json!({"uri": uri})), 403, "{uri}");
        assert_eq!(status(Form::Uri, &user, kind::LIKE, json!({"uri": uri})), 403, "{uri}");
        assert_eq!(status(Form::Uri, &user, "Note", json!({"collections": {"replies": uri}})), 403, "{uri}");
        assert_eq!(status(Form::Uri, &user, "Note", json!({"collections": {"x.y:z/Z": uri}})), 403, "{uri}");
        assert_eq!(status(Form::Uri, &user, "User", json!({"inbox": uri})), 403, "{uri}");
        assert_eq!(status(Form::Uri, &user, "User", json!({"uri": uri})), 403, "{uri}");
        assert_eq!(status(Form::Uri, &instance(Form::Uri), kind::GROUP, json!({"members": uri})), 403, "{uri}");
    }
    assert_eq!(status(Form::Uri, &user, "User", json!({"uri": "https://a.example/users/2"})), 403, "a neighbour's");
}

#[test]
fn lookalikes_of_the_signer_are_no_authors() {
    for author in [
        "https://a.example@evil.example/users/1",
        "https://A.example/users/1",
        "https://a.example./users/1",
        "https://a.example:443/users/1",
        "https://a%2eexample/users/1",
        "https://a.example\\users/1",
        "https://a.example/users/1#x",
        "http://a.example/users/1",
        "https://а.example/users/1",
    ] {
        assert_eq!(status(Form::Uri, &user(), "Note", json!({"author": author})), 400, "{author}");
        assert_eq!(status(Form::Uri, &user(), "Note", json!({"uri": author})), 400, "{author}");
    }
    for author in ["A.example:1", "a.example.:1", "a.example:443:1", "x@a.example:1", "а.example:1"] {
        assert_eq!(status(Form::Reference, &instance(Form::Reference), "Note", json!({"author": author})), 422);
    }
}

#[test]
fn what_two_parsers_read_differently_is_refused() {
    let text = samples::uri("Note").to_string();
    let twice = text.replacen('{', r#"{"author":"https://a.example/users/2","#, 1);
    let hidden = text.replacen('{', r#"{"\u0061uthor":"https://a.example/users/2","#, 1);
    let within = text.replacen(r#""remote":false"#, r#""remote":false,"remote":true"#, 1);
    let surrogate = text.replacen("Hi Alice", "\\ud800", 1);
    let nested = text.replacen('{', &format!(r#"{{"x":{}{},"#, "[".repeat(64), "]".repeat(64)), 1);
    let crowd = text.replacen('{', &format!(r#"{{"x":[{}0],"#, "0,".repeat(20_000)), 1);
    for bad in [twice, hidden, within, surrogate, nested, crowd, format!("{text}{text}"), format!("[{text}]")] {
        let error = take(&user(), &bad).unwrap_err();
        assert_eq!(error.status(), 400, "{}", &bad[..40]);
        assert_eq!(take(&instance(Form::Reference), &bad).unwrap_err().status(), 400);
    }
}

#[test]
fn a_hello_is_no_message() {
    for form in FORMS {
        assert_eq!(status(form, &instance(form), kind::HELLO, json!({})), 400);
    }
}

#[test]
fn errors_show_nothing_that_upsets_a_log() {
    let strange = format!("text/\u{1b}[31m\n{}", "x".repeat(500));
    let error = sample(Form::Uri, "Note", json!({"content": {strange: 5}})).unwrap_err();
    assert!(error.public().len() < 200 && !error.public().contains(char::is_control), "{error}");
}

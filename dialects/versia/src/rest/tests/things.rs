//! Things, lists, and whom they are shown to.

use super::*;

#[test]
fn things_are_shown_with_the_signature_of_their_owner() {
    let user = Own::User(id(5000));
    let room = Room {
        id: id(6000),
        parent: None,
        ordinality: 0,
        name: "general".into(),
        description: None,
        capabilities: None,
        created_at: NOW,
        created_by: id(5000),
        federated: true,
    };
    let heart = || Shown::Reaction {
        by: id(5000),
        number: id(9),
        to: Target::Own(Own::Note(id(9))),
        reaction: "❤".into(),
        at: NOW,
    };
    let alice = "https://b.example/users/5000";
    for (path, shown, kind, owner, signer) in [
        ("/users/5000", shown_user(), "User", &user, alice),
        ("/notes/5001", Shown::Note(Box::new(note(5001))), "Note", &user, alice),
        (
            "/groups/6000",
            Shown::Room(Box::new(room.clone())),
            "pub.versia:groups/Group",
            &Own::House,
            "instance b.example",
        ),
        ("/reactions/5000/9/4p2k", heart(), "pub.versia:likes/Like", &user, alice),
    ] {
        for method in ["GET", "HEAD"] {
            let response = shown_to(&asking(method, path), shown.clone());
            assert_eq!((response.status, response.content_type), (200, Some(media::JSON_TEXT)), "{path}");
            assert_eq!(json_of(&response)["type"], kind);
            assert_eq!(json_of(&response)["uri"], format!("https://b.example{path}"));
            assert_sealed(&response, &method.to_ascii_lowercase(), path, owner, signer);
        }
    }
    for (path, shown, kind) in [
        ("User/5000", shown_user(), "User"),
        ("pub.versia:users/User/5000", shown_user(), "User"),
        ("pub.versia%3Anotes%2FNote/5001", Shown::Note(Box::new(note(5001))), "Note"),
        ("pub.versia%3agroups%2fGroup/6000", Shown::Room(Box::new(room)), "pub.versia:groups/Group"),
        ("pub.versia:likes%2FLike/5000-9-4p2k", heart(), "pub.versia:likes/Like"),
    ] {
        let path = format!("/.versia/v0.6/entities/{path}");
        let response = shown_to(&signed_by(get(&path), "a.example"), shown);
        assert_eq!((response.status, response.content_type), (200, Some(media::VERSIA_TEXT)), "{path}");
        assert_eq!(json_of(&response)["type"], kind);
        assert_sealed(&response, "get", &path, &Own::House, "b.example");
    }
}

#[test]
fn a_like_is_no_reaction_of_another_type() {
    for kind in ["pub.versia:reactions%2FReaction", "pub.versia:likes%2FDislike"] {
        let path = format!("/.versia/v0.6/entities/{kind}/5000-9-4p2k");
        assert_eq!(replied(&signed_by(get(&path), "a.example")).status, 404, "{kind}");
    }
}

#[test]
fn reading_is_signed_in_the_later_form_and_may_be_in_the_earlier() {
    let path = "/.versia/v0.6/entities/User/5000";
    let refused = replied(&get(path));
    assert_eq!((refused.status, headers_of(&refused)["www-authenticate"]), (401, "Versia"));
    assert_eq!(replied(&get(&format!("{path}/collections/outbox"))).status, 401);
    let (ask, _) = asked_of(&house(), &get("/users/5000"));
    assert!(matches!(ask, Ask::Show { reader: None, .. }));

    let path = "/.versia/v0.6/entities/pub.versia%3Ausers%2FUser/5000";
    let (ask, _) = asked_of(&house(), &signed_by(get(path), "a.example"));
    let Ask::Show { exhibit: Exhibit::User(_), reader: Some(reader) } = ask else { panic!("{ask:?}") };
    let digest = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let twice = path.replace('%', "%25");
    assert_eq!(reader.texts, [format!("get {path} {SIGNED_AT} {digest}"), format!("get {twice} {SIGNED_AT} {digest}")]);
    assert!(!reader.once, "who reads may ask again");

    let (ask, _) = asked_of(&house(), &signed_by(get("/notes/5001"), "https://a.example/users/1"));
    assert!(matches!(ask, Ask::Show { reader: Some(_), .. }));
    // A signature that is there must hold, and so be one.
    let half = with(get("/notes/5001"), &[("versia-signed-by", "a.example")]);
    assert_eq!(replied(&half).status, 401);
    assert_eq!(replied(&signed_by(get("/notes/5001"), "b.example")).status, 400);
    // Without a name there is nobody to check it for: the published SDK 0.2.1 asks like this.
    let signature = STANDARD.encode([7; 64]);
    let nameless = [("versia-signature", signature.as_str()), ("versia-signed-at", "1766221200.123")];
    let (ask, _) = asked_of(&house(), &with(get("/notes/5001"), &nameless));
    assert!(matches!(ask, Ask::Show { reader: None, .. }));
    let path = "/.versia/v0.6/entities/Note/5001";
    assert_eq!(replied(&with(get(path), &nameless)).status, 401);
    let refused = asked_of(&house(), &signed_by(get("/notes/5001"), "a.example")).1(Err(Error::unauthenticated("no")));
    assert_eq!((refused.status, json_of(&refused)), (401, json!({"error": "no"})));
}

#[test]
fn the_later_form_is_not_for_who_wants_something_else() {
    let asked = |accept| with(signed_by(get("/.versia/v0.6/entities/User/5000"), "a.example"), &[("accept", accept)]);
    assert_eq!(replied(&asked("text/html")).status, 406);
    for accept in ["application/vnd.versia+json; charset=utf-8", "text/html, */*;q=0.1", "application/json"] {
        assert!(matches!(asked_of(&house(), &asked(accept)).0, Ask::Show { .. }), "{accept}");
    }
}

#[test]
fn lists_of_the_earlier_form_have_pages() {
    let user = Own::User(id(5000));
    let at = |page: u64| format!("https://b.example/users/5000/followers?page={page}");
    let host = Host::parse("a.example", Reach::Net).unwrap();
    let follower = |form, key: &str| Item::Named(Target::Remote(Address { host: host.clone(), form, key: key.into() }));
    for (query, total, offset, last, next, previous) in [
        ("", 0, 0, 1, None, None),
        ("?page=1", 41, 0, 2, Some(2), None),
        ("?page=2", 81, 40, 3, Some(3), Some(1)),
        ("?page=3", 80, 80, 2, None, Some(2)),
        ("?page=9", 1, 320, 1, None, Some(1)),
        ("?page=0", 1, 0, 1, None, None),
    ] {
        let (ask, reply) = asked_of(&house(), &get(&format!("/users/5000/followers{query}")));
        let Ask::Show { exhibit, .. } = ask else { panic!("{ask:?}") };
        assert_eq!(
            exhibit,
            Exhibit::Page { of: user.clone(), list: List::Followers, form: Form::Uri, offset, limit: 40 }
        );
        // Whom only the other form can name is left out.
        let items =
            vec![follower(Form::Uri, "https://a.example/users/1"), follower(Form::Reference, "User a.example:2")];
        let response = reply(Ok(exhibition(page(items, total, user.clone()))));
        assert_sealed(&response, "get", "/users/5000/followers", &user, "https://b.example/users/5000");
        assert_eq!(
            json_of(&response),
            json!({
                "author": "https://b.example/users/5000",
                "first": at(1),
                "items": ["https://a.example/users/1"],
                "last": at(last),
                "next": next.map(at),
                "previous": previous.map(at),
                "total": total,
            }),
            "{query}"
        );
    }
    for query in ["?page=x", "?page=-1", "?page=1.5", "?page=99999999999999999999"] {
        assert_eq!(replied(&get(&format!("/users/5000/followers{query}"))).status, 400, "{query}");
    }
}

#[test]
fn lists_of_the_later_form_have_stretches() {
    let path = "/.versia/v0.6/entities/pub.versia%3Agroups%2FGroup/6000/collections/members";
    for (query, offset, limit) in
        [("", 0, 40), ("?offset=7&limit=5", 7, 5), ("?limit=0", 0, 1), ("?limit=41", 0, 40), ("?limit=1000000", 0, 40)]
    {
        let (ask, reply) = asked_of(&house(), &signed_by(get(&format!("{path}{query}")), "a.example"));
        let Ask::Show { exhibit, .. } = ask else { panic!("{ask:?}") };
        let room = Own::Room(id(6000));
        assert_eq!(
            exhibit,
            Exhibit::Page { of: room.clone(), list: List::Followers, form: Form::Reference, offset, limit }
        );
        let items = vec![Item::Named(Target::Own(Own::User(id(5000))))];
        let response = reply(Ok(exhibition(page(items, 1, room))));
        assert_eq!(json_of(&response), json!({"author": null, "items": ["b.example:5000"], "total": 1}));
        assert_sealed(&response, "get", path, &Own::House, "b.example");
    }
    assert_eq!(replied(&signed_by(get(&format!("{path}?limit=x")), "a.example")).status, 400);
}

#[test]
fn every_list_has_its_path() {
    let (user, note, room) = (Own::User(id(5000)), Own::Note(id(5001)), Own::Room(id(6000)));
    let reactions = |kind| List::Reactions(kind);
    for (path, reference, of, list) in [
        ("/users/5000/outbox", "User/5000/collections/outbox", &user, List::Notes),
        ("/users/5000/followers", "User/5000/collections/followers", &user, List::Followers),
        ("/users/5000/following", "User/5000/collections/following", &user, List::Following),
        ("/users/5000/featured", "User/5000/collections/featured", &user, List::Featured),
        ("/notes/5001/replies", "Note/5001/collections/replies", &note, List::Replies),
        ("/notes/5001/quotes", "pub.versia:notes/Note/5001/collections/quotes", &note, List::Quotes),
        (
            "/notes/5001/likes",
            "Note/5001/collections/pub.versia%3Alikes%2FLikes",
            &note,
            reactions("pub.versia:likes/Like"),
        ),
        (
            "/notes/5001/dislikes",
            "Note/5001/collections/pub.versia:likes/Dislikes",
            &note,
            reactions("pub.versia:likes/Dislike"),
        ),
        (
            "/notes/5001/reactions",
            "Note/5001/collections/pub.versia:reactions%2FReactions",
            &note,
            reactions("pub.versia:reactions/Reaction"),
        ),
        (
            "/notes/5001/shares",
            "Note/5001/collections/pub.versia:share/Shares",
            &note,
            reactions("pub.versia:share/Share"),
        ),
        ("/groups/6000/members", "pub.versia:groups/Group/6000/collections/members", &room, List::Followers),
        ("/groups/6000/notes", "pub.versia%3Agroups%2FGroup/6000/collections/notes", &room, List::Notes),
    ] {
        let later = signed_by(get(&format!("/.versia/v0.6/entities/{reference}")), "a.example");
        for asked in [get(path), later] {
            let (ask, _) = asked_of(&house(), &asked);
            let Ask::Show { exhibit: Exhibit::Page { of: whose, list: which, .. }, .. } = ask else {
                panic!("{ask:?}")
            };
            assert_eq!((&whose, which), (of, list), "{path}");
        }
    }
}

#[test]
fn an_outbox_has_whole_notes_and_other_lists_have_names() {
    let notes = || vec![Item::Note(note(5002)), Item::Note(note(5001))];
    let user = Own::User(id(5000));
    let response = shown_to(&get("/users/5000/outbox"), page(notes(), 2, user.clone()));
    let document = json_of(&response);
    assert_eq!(document["items"][1]["uri"], "https://b.example/notes/5001");
    assert_eq!(document["items"][0]["type"], "Note");
    let later = signed_by(get("/.versia/v0.6/entities/User/5000/collections/outbox"), "a.example");
    assert_eq!(json_of(&shown_to(&later, page(notes(), 2, user)))["items"][0]["id"], "5002");

    let response = shown_to(&get("/groups/6000/notes"), page(notes(), 2, Own::Room(id(6000))));
    assert_eq!(json_of(&response)["items"], json!(["https://b.example/notes/5002", "https://b.example/notes/5001"]));
    assert_eq!(json_of(&response)["author"], Value::Null);
    assert_sealed(&response, "get", "/groups/6000/notes", &Own::House, "instance b.example");
}

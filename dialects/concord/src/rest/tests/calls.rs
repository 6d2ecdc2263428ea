//! Requests, and the calls that they make.

use super::*;

#[test]
fn each_row_asks_its_call() {
    let put = |scope, holder| Call::SetGrant(Grant { scope, holder, rights: rights() });
    let channel = Scope::Room(id(4101));
    let post = |content: &str, thread, sent_at| {
        Call::PostChat(NewChat { room: id(4101), thread, content: content.into(), sent_at, subject: None })
    };
    let rights_body = r#"{"values":{"view":-1}}"#;
    for (line, body, expected) in [
        ("GET /api/tokens/recycle", "", Call::RenewToken),
        ("GET /api/users", "", Call::Users),
        ("GET /api/users/", "", Call::Users),
        ("HEAD /api/users", "", Call::Users),
        ("GET /api/users/12", "", Call::User(id(12))),
        ("GET /api/self", "", Call::Me),
        ("GET /api/server", "", Call::Server),
        ("GET /api/channels", "", Call::Rooms),
        ("GET /api/channels/4101", "", Call::Room(id(4101))),
        ("DELETE /api/channels/4101", "", Call::DeleteRoom(id(4101))),
        (
            "POST /api/channels",
            r#"{"name":"menu","description":"food","parentChannelId":4101,"ordinality":-2,"capabilities":["text"],"x":1}"#,
            Call::CreateRoom(NewRoom {
                name: "menu".into(),
                description: Some("food".into()),
                parent: Some(id(4101)),
                ordinality: Some(-2),
                capabilities: Some(vec!["text".into()]),
            }),
        ),
        (
            "POST /api/channels",
            r#"{"name":"menu","description":null,"parentChannelId":null,"capabilities":null}"#,
            Call::CreateRoom(NewRoom {
                name: "menu".into(),
                description: None,
                parent: None,
                ordinality: None,
                capabilities: None,
            }),
        ),
        (
            "PATCH /api/channels/4101",
            r#"{"description":null}"#,
            Call::ChangeRoom {
                room: id(4101),
                edit: RoomEdit { name: None, description: Some(None), federated: None },
            },
        ),
        (
            "PATCH /api/channels/4101",
            r#"{"name":"menu"}"#,
            Call::ChangeRoom {
                room: id(4101),
                edit: RoomEdit { name: Some("menu".into()), description: None, federated: None },
            },
        ),
        ("GET /api/images/9", "", Call::Image(ImageQuery { id: id(9), width: None, height: None })),
        ("GET /api/images/9?w=16&h=", "", Call::Image(ImageQuery { id: id(9), width: Some(16), height: None })),
        ("POST /api/channels/4101/chats", r#"{"content":"Lunch?"}"#, post("Lunch?", None, None)),
        (
            "POST /api/channels/4101/chats",
            r#"{"content":"x","sentAt":1760000000000,"threadId":77}"#,
            post("x", Some(id(77)), Some(AT)),
        ),
        ("GET /api/chats/5550", "", Call::Chat(id(5550))),
        ("PATCH /api/chats/5550", r#"{"content":"Tea?"}"#, Call::EditChat { chat: id(5550), content: "Tea?".into() }),
        ("DELETE /api/chats/5550", "", Call::DeleteChat(id(5550))),
        ("GET /api/chats/5550/reactions", "", Call::Reactors(id(5550))),
        (
            "POST /api/chats/5550/reactions",
            r#"{"reaction":"🍕","adding":false}"#,
            Call::React { chat: id(5550), reaction: "🍕".into(), adding: false },
        ),
        (
            "POST /api/chats/5550/thread",
            r#"{"name":"lunch"}"#,
            Call::StartThread { chat: id(5550), name: "lunch".into() },
        ),
        ("GET /api/channels/4101/threads", "", Call::Threads(id(4101))),
        ("GET /api/roles", "", Call::Roles),
        ("POST /api/roles", r#"{"name":"cooks"}"#, Call::CreateRole { name: "cooks".into(), ordinality: 0 }),
        (
            "POST /api/roles",
            r#"{"name":"cooks","ordinality":3}"#,
            Call::CreateRole { name: "cooks".into(), ordinality: 3 },
        ),
        ("DELETE /api/roles/50", "", Call::DeleteRole(id(50))),
        ("PUT /api/roles/50/users/12", "", Call::AssignRole { role: id(50), user: id(12), member: true }),
        ("DELETE /api/roles/50/users/12", "", Call::AssignRole { role: id(50), user: id(12), member: false }),
        ("GET /api/rights", "", Call::Grants(Scope::Server)),
        ("GET /api/channels/4101/rights", "", Call::Grants(channel)),
        ("PUT /api/rights/users/12", rights_body, put(Scope::Server, Holder::User(id(12)))),
        ("PUT /api/rights/roles/50", rights_body, put(Scope::Server, Holder::Role(id(50)))),
        ("PUT /api/channels/4101/rights/users/12", rights_body, put(channel, Holder::User(id(12)))),
        ("PUT /api/channels/4101/rights/roles/2", rights_body, put(channel, Holder::Role(Id::EVERYONE))),
    ] {
        assert_eq!(call(line, body), format!("{expected:?}"), "{line} {body}");
    }
}

#[test]
fn a_procedure_is_called_by_its_name_with_any_payload() {
    for (line, body, name, payload) in [
        ("POST /api/procedures/orders:create", r#"{ "n": 1.10 }"#, "orders:create", r#"{ "n": 1.10 }"#),
        ("POST /api/procedures/gr%C3%B6%C3%9Fe/", "[1]", "größe", "[1]"),
        ("POST /api/procedures/123", "7", "123", "7"),
        ("POST /api/procedures/echo", "", "echo", "null"),
    ] {
        let Call::Invoke(invocation) = exchange(request(line, body)).call else { panic!("{line}") };
        assert_eq!((&*invocation.name, invocation.payload.get()), (name, payload), "{line}");
        assert!(invocation.connection.is_none() && invocation.extra.is_none());
    }
}

#[test]
fn what_is_secret_arrives_though_it_does_not_show() {
    let body = r#"{"username":"ann","password":"ann-secret"}"#;
    let Call::LogIn { login, password } = exchange(request("POST /api/tokens", body)).call else { panic!() };
    assert_eq!((login.as_str(), password.expose()), ("ann", "ann-secret"));
    let Call::Register { login, password } = exchange(request("POST /api/users/register", body)).call else { panic!() };
    assert_eq!((login, password.expose()), (NewLogin::Username("ann".into()), "ann-secret"));
    let change = exchange(request("POST /api/self/password", r#"{"newPassword":"new"}"#)).call;
    let Call::ChangePassword { old: None, new, end_tokens: false } = change else { panic!() };
    assert_eq!(new.expose(), "new");
}

#[test]
fn an_avatar_is_sent_as_it_is() {
    for (content_type, kind) in [
        ("image/png", ImageType::Png),
        ("image/jpeg", ImageType::Jpeg),
        ("IMAGE/WEBP; x=y", ImageType::Webp),
        ("image/gif", ImageType::Gif),
    ] {
        let request = with_header(request("POST /api/self/avatar", "bytes"), "content-type", content_type);
        let Call::SetAvatar(Image { kind: taken, bytes }) = exchange(request).call else { panic!() };
        assert_eq!((taken, &bytes[..]), (kind, &b"bytes"[..]));
    }
}

#[test]
fn chats_are_filtered_and_paged() {
    let list = |query: &str| match exchange(request(&format!("GET /api/chats{query}"), "")).call {
        Call::Chats(filter) => filter,
        other => panic!("{other:?}"),
    };
    let default = || ChatFilter { limit: 50, ..ChatFilter::default() };
    for (query, filter) in [
        ("", default()),
        ("?authorId=&channelId=&threadId=&before=&after=&query=&page=&size=", default()),
        ("?page=3&size=10", ChatFilter { skip: 30, limit: 10, ..default() }),
        ("?page=2&size=100000", ChatFilter { skip: 400, limit: PAGE_CHATS, ..default() }),
        ("?page=18446744073709551615", ChatFilter { skip: i64::MAX.unsigned_abs(), ..default() }),
        ("?authorId=12&channelId=4101", ChatFilter { author: Some(id(12)), room: Some(id(4101)), ..default() }),
        ("?threadId=-1", ChatFilter { thread: Some(ThreadFilter::Main), ..default() }),
        ("?threadId=77", ChatFilter { thread: Some(ThreadFilter::In(id(77))), ..default() }),
        (
            "?before=1760000000000&after=-1",
            ChatFilter { before: Some(AT), after: Some(Timestamp::from_millis(-1)), ..default() },
        ),
        ("?query=lunch+soup%21&unknown=1", ChatFilter { words: Some("lunch soup!".into()), ..default() }),
    ] {
        assert_eq!(list(query), filter, "{query}");
    }
    for (query, limit) in [("", 50), ("?size=1", 1), ("?size=500", PAGE_CHATS)] {
        let expected = Call::Chats(ChatFilter { room: Some(id(4101)), limit, ..ChatFilter::default() });
        assert_eq!(call(&format!("GET /api/channels/4101/chats/latest{query}"), ""), format!("{expected:?}"));
    }
}

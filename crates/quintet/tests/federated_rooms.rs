//! Rooms that are open to other servers: what users of three real servers say in one, heard by clients of all rooms.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use quintet_tests::client::Socket;
use quintet_tests::process::ADMIN_PASSWORD;
use quintet_tests::town::{Counter, Town};
use serde_json::{Value, json};

/// The heart, and how it stands in a path.
const HEART: (&str, &str) = ("❤", "%E2%9D%A4");

async fn town(seed: u64) -> Result<Town> {
    Town::found(Path::new(env!("CARGO_BIN_EXE_quintet")), seed).await
}

/// A text as one segment of a path.
fn segment(text: &str) -> String {
    text.replace('/', "%2F").replace(':', "%3A")
}

/// Whether an entity came, whose text has this in it.
fn has(entities: &Value, kind: &str, text: &str) -> bool {
    let of = |entity: &Value| entity["type"] == kind && entity["text"].as_str().is_some_and(|it| it.contains(text));
    entities["entities"].as_array().is_some_and(|all| all.iter().any(of))
}

async fn came(to: &Town, from: &Town, kind: &str, text: &str) -> Result<Value> {
    let host = from.host();
    let (topic, path) = (format!("instance/{host}"), format!("/entities?host={host}&limit=50"));
    let entities = to.counter()?.until(&topic, &path, |all| has(all, kind, text)).await;
    let entities = entities.with_context(|| format!("no {kind} with {text}"))?;
    let of = |entity: &&Value| entity["type"] == kind && entity["text"].as_str().is_some_and(|it| it.contains(text));
    let found = entities["entities"].as_array().and_then(|all| all.iter().find(of));
    found.cloned().context("it was there")
}

/// Has a user join a room of another server.
async fn join(town: &Town, who: &str, room: &str) -> Result<()> {
    let counter = town.counter()?;
    counter.ask("POST", &format!("/follows?as={who}"), json!({ "whom": room })).await?;
    let accepted = |follows: &Value| {
        let all = follows["following"].as_array();
        all.is_some_and(|all| all.iter().any(|it| it["followee"] == room && it["state"] == "accepted"))
    };
    counter.until("instance/*", &format!("/follows?as={who}"), accepted).await.map(drop)
}

/// The next message of a type; others are passed over.
async fn hear(socket: &mut Socket, kind: &str) -> Result<Value> {
    loop {
        let heard = socket.hear_json().await.with_context(|| format!("no {kind} came"))?;
        if heard["type"] == kind || heard["topic"] == kind {
            return Ok(heard);
        }
    }
}

/// The next `COMMIT` with a text in it.
async fn hear_commit(socket: &mut Socket, text: &str) -> Result<String> {
    loop {
        let heard = socket.hear_text().await.with_context(|| format!("no commit with {text} came"))?;
        if heard.starts_with("COMMIT ") && heard.contains(text) {
            return Ok(heard);
        }
    }
}

/// Clients of four rooms, all in the default room.
struct Clients {
    token: String,
    general: u64,
    concord: Socket,
    jac: Socket,
    flamigo: Socket,
    atomic: Socket,
}

impl Clients {
    async fn open(town: &Town, name: &str) -> Result<Self> {
        let counter = town.counter()?;
        let (token, address) = (counter.token(name, &format!("{name}-secret")).await?, counter.address());
        let server = counter.ask_with(&token, "GET", "/api/server", Value::Null).await?.json()?;
        let general = server["defaultChannelId"].as_u64().context("a default channel")?;
        let concord = Socket::open(address, &format!("/client?token={token}")).await?;
        let mut jac = Socket::open(address, &format!("/websocket?channel_id=room:{general}&auth={token}")).await?;
        hear(&mut jac, "connection").await?;
        let mut flamigo = Socket::open(address, "/ws").await?;
        flamigo.say(json!({"topic": "app::websocket:auth", "payload": {"token": token}}).to_string()).await?;
        flamigo.hear_json().await?;
        flamigo.say(json!({"topic": "app::room:join", "payload": {"roomId": general}}).to_string()).await?;
        flamigo
            .say(json!({"topic": "app::room:join", "payload": {"roomId": general}, "ack": "in"}).to_string())
            .await?;
        while flamigo.hear_json().await?["ack"] != "in" {}
        let headers = [("Authorization".to_owned(), format!("Bearer {token}"))];
        let quintet_tests::client::Knock::Open(atomic) = Socket::knock(address, "/ws", &headers).await? else {
            anyhow::bail!("no socket for Atomic")
        };
        let mut atomic = *atomic;
        atomic.say(format!("SUBSCRIBE http://{}/room/{general}", town.host())).await?;
        atomic.say("SUBSCRIBE []").await?;
        while !atomic.hear_text().await?.starts_with("SUBSCRIBED") {}
        Ok(Self { token, general, concord, jac, flamigo, atomic })
    }

    /// A request of a Concord client, which must succeed.
    async fn ask(&self, counter: Counter, method: &str, path: &str, body: Value) -> Result<Value> {
        let answer = counter.ask_with(&self.token, method, path, body).await?;
        ensure!(answer.status == 200, "{method} {path}: {} {:?}", answer.status, answer.body);
        if answer.body.is_empty() { Ok(Value::Null) } else { answer.json() }
    }
}

/// Opens the default room of a town to others, as an admin does in Concord. Tells its URL.
async fn open_room(town: &Town) -> Result<(u64, String)> {
    let counter = town.counter()?;
    let admin = counter.token("admin", ADMIN_PASSWORD).await?;
    let server = counter.ask_with(&admin, "GET", "/api/server", Value::Null).await?.json()?;
    let general = server["defaultChannelId"].as_u64().context("a default channel")?;
    let path = format!("/api/channels/{general}");
    let answer = counter.ask_with(&admin, "PATCH", &path, json!({ "federated": true })).await?;
    ensure!(answer.status == 200, "{}: {:?}", answer.status, answer.body);
    Ok((general, format!("http://{}/groups/{general}", town.host())))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_remote_user_says_is_heard_in_every_room_and_server() -> Result<()> {
    let (a, b, c) = tokio::try_join!(town(1), town(2), town(3))?;
    for (town, name) in [(&a, "ann"), (&b, "bob"), (&c, "cyn")] {
        town.user(name).await?;
    }
    let (_, room) = open_room(&a).await?;
    join(&b, "bob", &room).await?;
    join(&c, "cyn", &room).await?;
    let mut here = Clients::open(&a, "ann").await?;
    let (bob, desk) = (format!("bob@{}", b.host()), b.counter()?);

    let note = desk.ask("POST", "/notes?as=bob", json!({ "content": "Hello!", "group": room })).await?;
    let (id, url) = (note["id"].as_u64().context("an id")?, note["url"].as_str().context("a url")?.to_owned());
    let chat = hear(&mut here.concord, "chat_sent").await?["chat"].clone();
    assert_eq!((&chat["content"], &chat["channelId"]), (&json!("Hello!"), &json!(here.general)));
    let author = here.ask(a.counter()?, "GET", &format!("/api/users/{}", chat["authorId"]), Value::Null).await?;
    assert_eq!(author["username"], bob.as_str(), "{author}");
    let number = chat["id"].as_u64().context("an id")?;
    let jac = hear(&mut here.jac, "chat").await?["data"]["chat"].clone();
    assert_eq!((&jac["author"]["username"], &jac["via"]), (&json!(bob), &json!("versia")));
    let flamigo = hear(&mut here.flamigo, "chat:sent").await?["payload"]["chat"].clone();
    assert_eq!((&flamigo["author"]["username"], &flamigo["content"]), (&json!(bob), &json!("Hello!")));
    hear_commit(&mut here.atomic, "Hello!").await?;
    here.atomic.say(format!("SUBSCRIBE http://{}/room/{}/{number}", a.host(), here.general)).await?;
    here.atomic.say("SUBSCRIBE []").await?;
    while !here.atomic.hear_text().await?.starts_with("SUBSCRIBED") {}
    let there = came(&c, &b, "Note", "Hello!").await?;
    assert_eq!(there["url"], url.as_str(), "the third server fetches it from its home");

    desk.ask("PUT", &format!("/notes/{id}?as=bob"), json!({ "content": "Hello, all!" })).await?;
    assert_eq!(hear(&mut here.concord, "chat_edited").await?["content"], "Hello, all!");
    assert_eq!(hear(&mut here.jac, "chat_edited").await?["data"]["chat"]["edited"], true);
    hear(&mut here.flamigo, "chat:edited").await?;
    hear_commit(&mut here.atomic, "Hello, all!").await?;
    came(&c, &b, "Note", "Hello, all!").await?;

    // What somebody here feels about it comes to its author.
    let reaction = json!({ "type": "chat_reaction", "chatId": number, "reaction": "🍕", "adding": true });
    here.concord.say(reaction.to_string()).await?;
    hear(&mut here.concord, "chat_reactions_updated").await?;
    let came_to = came(&b, &a, "pub.versia:reactions/Reaction", "🍕").await?;
    assert!(came_to["text"].as_str().is_some_and(|text| text.contains(&url)), "{came_to}");

    desk.ask("DELETE", &format!("/notes/{id}?as=bob"), Value::Null).await?;
    assert_eq!(hear(&mut here.concord, "chat_deleted").await?["chatId"], number);
    hear(&mut here.jac, "chat_deleted").await?;
    hear(&mut here.flamigo, "chat:deleted").await?;
    hear_commit(&mut here.atomic, "destroy").await?;
    let path = format!("/entities?host={}&limit=50", b.host());
    c.counter()?.until("instance/*", &path, |all| !has(all, "Note", "Hello, all!")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_in_the_room_comes_to_its_members_elsewhere() -> Result<()> {
    let (a, b) = tokio::try_join!(town(4), town(5))?;
    a.user("ann").await?;
    b.user("bob").await?;
    let (general, room) = open_room(&a).await?;
    join(&b, "bob", &room).await?;
    let mut here = Clients::open(&a, "ann").await?;
    let chats = format!("/api/channels/{general}/chats");
    let chat = here.ask(a.counter()?, "POST", &chats, json!({ "content": "Lunch?" })).await?;
    let number = chat["id"].as_u64().context("an id")?;
    let url = format!("http://{}/notes/{number}", a.host());
    let note = came(&b, &a, "Note", "Lunch?").await?;
    assert_eq!((&note["url"], &note["author"]), (&json!(url), &json!(null)), "{note}");
    let timeline = b.counter()?.ask("GET", "/timeline?as=bob", Value::Null).await?;
    assert!(has(&timeline, "Note", "Lunch?"), "a member reads it: {timeline}");

    // A reaction from there, and its end.
    let react = format!("/notes/{}/reactions/{}?as=bob", segment(&url), HEART.1);
    b.counter()?.ask("PUT", &react, Value::Null).await?;
    let heard = hear(&mut here.concord, "chat_reactions_updated").await?;
    assert_eq!((&heard["chatId"], &heard["reactions"]), (&json!(number), &json!({ HEART.0: 1 })));
    hear(&mut here.jac, "chat_reactions").await?;
    hear(&mut here.flamigo, "chat:reactions").await?;
    b.counter()?.ask("DELETE", &react, Value::Null).await?;
    assert_eq!(hear(&mut here.concord, "chat_reactions_updated").await?["reactions"], json!({}));

    let own = format!("/api/chats/{number}");
    here.ask(a.counter()?, "PATCH", &own, json!({ "content": "Tea?" })).await?;
    came(&b, &a, "Note", "Tea?").await?;
    here.concord
        .say(json!({ "type": "chat_reaction", "chatId": number, "reaction": "🍵", "adding": true }).to_string())
        .await?;
    came(&b, &a, "pub.versia:reactions/Reaction", "🍵").await?;
    here.ask(a.counter()?, "DELETE", &own, Value::Null).await?;
    b.counter()?.until("instance/*", "/timeline?as=bob", |all| !has(all, "Note", "Tea?")).await?;

    // The house takes a chat back for its author, too.
    let chat = here.ask(a.counter()?, "POST", &chats, json!({ "content": "Spam!" })).await?;
    came(&b, &a, "Note", "Spam!").await?;
    let admin = a.counter()?.token("admin", ADMIN_PASSWORD).await?;
    let gone = a.counter()?.ask_with(&admin, "DELETE", &format!("/api/chats/{}", chat["id"]), Value::Null).await?;
    assert_eq!(gone.status, 200);
    b.counter()?.until("instance/*", "/timeline?as=bob", |all| !has(all, "Note", "Spam!")).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_is_not_open_is_not_there_for_others() -> Result<()> {
    let (a, b) = tokio::try_join!(town(6), town(7))?;
    b.user("bob").await?;
    a.user("ann").await?;
    let (general, room) = open_room(&a).await?;
    join(&b, "bob", &room).await?;
    let (bob, desk) = (format!("bob@{}", b.host()), b.counter()?);
    let here = Clients::open(&a, "ann").await?;
    let users = here.ask(a.counter()?, "GET", "/api/users", Value::Null).await?;
    let bob_here = users.as_array().and_then(|users| users.iter().find(|user| user["username"] == bob.as_str()));
    let bob_here = bob_here.with_context(|| format!("no {bob} in {users}"))?["id"].clone();

    // Who may not write there is told so.
    let admin = a.counter()?.token("admin", ADMIN_PASSWORD).await?;
    let rights = format!("/api/channels/{general}/rights/users/{bob_here}");
    let set = async |values: Value| -> Result<()> {
        let answer = a.counter()?.ask_with(&admin, "PUT", &rights, json!({ "values": values })).await?;
        ensure!(answer.status == 200, "{}: {:?}", answer.status, answer.body);
        Ok(())
    };
    set(json!({ "write": -1 })).await?;
    desk.ask("POST", "/notes?as=bob", json!({ "content": "psst", "group": room })).await?;
    let dead = format!("/dead-letters?host={}", a.host());
    let letters = desk.until("instance/*", &dead, |all| all.to_string().contains("psst")).await?;
    assert!(letters.to_string().contains("403"), "{letters}");

    // Who may no longer view hears no more.
    desk.ask("POST", "/follows?as=bob", json!({ "whom": format!("ann@{}", a.host()) })).await?;
    let both = |follows: &Value| follows["following"].to_string().matches("accepted").count() == 2;
    desk.until("instance/*", "/follows?as=bob", both).await?;
    set(json!({ "view": -1 })).await?;
    let chats = format!("/api/channels/{general}/chats");
    here.ask(a.counter()?, "POST", &chats, json!({ "content": "a secret" })).await?;
    a.counter()?.ask("POST", "/notes?as=ann", json!({ "content": "for all" })).await?;
    came(&b, &a, "Note", "for all").await?;

    // It is closed to others again, by command.
    a.command(&["federate", &general.to_string(), "--off"]).await?;
    desk.ask("POST", "/notes?as=bob", json!({ "content": "anybody?", "group": room })).await?;
    let letters = desk.until("instance/*", &dead, |all| all.to_string().contains("anybody?")).await?;
    assert!(letters.to_string().contains("404"), "{letters}");
    let all = desk.ask("GET", &format!("/entities?host={}&limit=50", a.host()), Value::Null).await?;
    assert!(!has(&all, "Note", "a secret"), "{all}");

    // Its members elsewhere heard that they are in it no longer.
    let out = |follows: &Value| {
        follows["following"].as_array().is_some_and(|all| all.iter().all(|it| it["followee"] != room.as_str()))
    };
    desk.until("instance/*", "/follows?as=bob", out).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_room_is_not_joined_from_outside() -> Result<()> {
    let (a, b) = tokio::try_join!(town(8), town(9))?;
    b.user("bob").await?;
    let (general, room) = open_room(&a).await?;
    let desk = b.counter()?;
    // It is known there while it is still to be seen by everybody.
    join(&b, "bob", &room).await?;
    desk.ask("DELETE", &format!("/follows/{}?as=bob", segment(&room)), Value::Null).await?;
    came(&a, &b, "pub.versia:groups/Unsubscribe", &room).await?;

    let admin = a.counter()?.token("admin", ADMIN_PASSWORD).await?;
    let everyone = format!("/api/channels/{general}/rights/roles/2");
    let answer = a.counter()?.ask_with(&admin, "PUT", &everyone, json!({ "values": { "view": -1 } })).await?;
    ensure!(answer.status == 200, "{}: {:?}", answer.status, answer.body);
    desk.ask("POST", "/follows?as=bob", json!({ "whom": room })).await?;
    let dead = format!("/dead-letters?host={}", a.host());
    let letters = desk.until("instance/*", &dead, |all| all.to_string().contains("Subscribe")).await?;
    assert!(letters.to_string().contains("404"), "{letters}");
    let follows = desk.ask("GET", "/follows?as=bob", Value::Null).await?;
    assert!(follows["following"].to_string().contains("pending"), "it was let in by nobody: {follows}");
    Ok(())
}

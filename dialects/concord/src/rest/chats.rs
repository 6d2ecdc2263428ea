//! Chats.

use quintet_core::chat::{ChatFilter, NewChat, ThreadFilter};
use quintet_core::http::Response;
use quintet_core::{Answer, Call, Error, Id, Kind, Timestamp};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, Reply, ok, ok_all};
use crate::rest::asking::Asking;
use crate::wire::chat::{ChatObject, EditBody, PostBody};

/// "`size` (default 50)".
const SIZE: u64 = 50;
/// As far as any store counts.
const SKIP_MAX: u64 = i64::MAX.unsigned_abs();

/// `POST /api/channels/{id}/chats`
pub(super) fn post(asking: &Asking<'_>, room: Id) -> Result<Asked, Refusal> {
    let body: PostBody = asking.json()?;
    let thread = body.thread_id.map(|thread| thread.0);
    let sent_at = body.sent_at.map(|sent_at| sent_at.0);
    let reply: Reply = if thread.is_none() { posted } else { chat };
    Ok(Asked::new(Call::PostChat(NewChat { room, thread, content: body.content.0, sent_at, subject: None }), reply))
}

/// "Unknown channel: 400 intended ("Unknown channel id.")". Outside of threads
/// nothing else makes a chat that says something a bad message.
fn posted(answer: Result<Answer, Error>) -> Result<Response, Refusal> {
    match answer {
        Err(error) if error.kind() == Kind::BadMessage => Err(Refusal::bad("Unknown channel id.")),
        other => chat(other),
    }
}

/// `GET /api/channels/{id}/chats/latest?size=50`: "array, **newest first** | unknown channel → `[]`".
pub(super) fn latest(asking: &Asking<'_>, room: Id) -> Result<Asked, Refusal> {
    let limit = size(asking)?;
    Ok(Asked::new(Call::Chats(ChatFilter { room: Some(room), limit, ..ChatFilter::default() }), chats))
}

/// `GET /api/chats`: "filters combine with AND. `before`/`after` compare `createdAt` strictly (`<`, `>`)."
pub(super) fn list(asking: &Asking<'_>) -> Result<Asked, Refusal> {
    const ID: &str = "an id";
    const TIME: &str = "a whole number of milliseconds since 1970";
    let limit = size(asking)?;
    let page: u64 = asking.query("page", "a whole number, 0 or more")?.unwrap_or(0);
    let filter = ChatFilter {
        room: asking.query("channelId", ID)?,
        thread: thread(asking)?,
        author: asking.query("authorId", ID)?,
        before: asking.query("before", TIME)?.map(Timestamp::from_millis),
        after: asking.query("after", TIME)?.map(Timestamp::from_millis),
        words: asking.text("query"),
        skip: page.saturating_mul(limit).min(SKIP_MAX),
        limit,
    };
    Ok(Asked::new(Call::Chats(filter), chats))
}

/// `GET /api/chats/{id}`
pub(super) fn one(_: &Asking<'_>, id: Id) -> Result<Asked, Refusal> {
    Ok(Asked::new(Call::Chat(id), chat))
}

/// `PATCH /api/chats/{id}`: "404; 403 if not the author".
pub(super) fn edit(asking: &Asking<'_>, id: Id) -> Result<Asked, Refusal> {
    let body: EditBody = asking.json()?;
    Ok(Asked::new(Call::EditChat { chat: id, content: body.content.0 }, chat))
}

/// `DELETE /api/chats/{id}`: "author or right; 404".
pub(super) fn delete(_: &Asking<'_>, id: Id) -> Result<Asked, Refusal> {
    Ok(Asked::done(Call::DeleteChat(id)))
}

/// "Negative page, size below 1: upstream 500. **Take:** 400; cap `size`."
fn size(asking: &Asking<'_>) -> Result<u64, Refusal> {
    const EXPECTED: &str = "a whole number, 1 or more";
    match asking.query("size", EXPECTED)?.unwrap_or(SIZE) {
        0 => Err(Refusal::bad(format!("`size` must be {EXPECTED}"))),
        size => Ok(size.min(asking.page_chats)),
    }
}

/// "`threadId=-1` means "not in a thread"; another value means that thread; absent means both."
fn thread(asking: &Asking<'_>) -> Result<Option<ThreadFilter>, Refusal> {
    if asking.text("threadId").as_deref() == Some("-1") {
        return Ok(Some(ThreadFilter::Main));
    }
    Ok(asking.query("threadId", "an id, or -1")?.map(ThreadFilter::In))
}

fn chat(answer: Result<Answer, Error>) -> Result<Response, Refusal> {
    match answer {
        Ok(Answer::Chat(chat)) => ok(&ChatObject::from(&*chat)),
        other => Err(Refusal::unexpected(other)),
    }
}

/// A filter that names what is not there lets nothing through.
fn chats(answer: Result<Answer, Error>) -> Result<Response, Refusal> {
    match answer {
        Ok(Answer::Chats(chats)) => ok_all::<_, ChatObject<'_>>(&chats),
        Err(error) if error.kind() == Kind::NotFound => ok(&[(); 0]),
        other => Err(Refusal::unexpected(other)),
    }
}

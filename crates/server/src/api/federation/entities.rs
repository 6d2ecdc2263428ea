//! Entities of other servers, through the API: all of them, and those that concern a user.

use quintet_core::federation::desk::Kept;
use quintet_core::federation::{Ask, Target, Told};
use quintet_core::http::{Head, Response};
use quintet_core::{Error, Id};
use quintet_hub::Hub;
use quintet_hub::federation::Federation;
use serde::Serialize;

use super::super::Desk;
use super::super::wire::reply;
use super::astray;

/// How many are told where nobody says how many.
const USUAL: u64 = 50;

/// `GET /timeline?as=&before=&limit=`
pub(super) async fn timeline(desk: &Desk<'_>, head: &Head) -> Result<Response, Error> {
    let user = desk.user(head)?;
    let Part { before, limit } = Part::read(head)?;
    shown(desk, desk.inquire_as(&user, Ask::Timeline { before, limit }).await?)
}

/// `GET /entities?host=&before=&limit=`
pub(super) async fn list(desk: &Desk<'_>, head: &Head) -> Result<Response, Error> {
    let Part { before, limit } = Part::read(head)?;
    let federation = desk.hub.federation()?;
    let host = head.query_last("host").map(|host| federation.typed_host(&host)).transpose()?;
    shown(desk, desk.inquire(Ask::Entities { host, before, limit }).await?)
}

/// A part of a list, the newest first.
struct Part {
    before: Option<Id>,
    limit: u64,
}

impl Part {
    fn read(head: &Head) -> Result<Self, Error> {
        let wrong = |name: &str| Error::bad_message(format!("{name} must be a number"));
        let before = head.query_last("before").map(|text| text.parse().ok().and_then(Id::new));
        let limit = head.query_last("limit").map_or(Ok(USUAL), |text| text.parse().map_err(|_| wrong("limit")))?;
        Ok(Self { before: before.map(|id| id.ok_or_else(|| wrong("before"))).transpose()?, limit })
    }
}

fn shown(desk: &Desk<'_>, told: Told) -> Result<Response, Error> {
    let federation = desk.hub.federation()?;
    match told {
        Told::Entities(kept) => reply(
            200,
            &EntitiesView {
                entities: kept.iter().map(|kept| EntityView::new(desk.hub, federation, kept)).collect(),
                next: kept.last().map(|kept| kept.id.get()),
            },
        ),
        other => Err(astray(&other)),
    }
}

/// A part of what came.
#[derive(Serialize)]
struct EntitiesView<'a> {
    entities: Vec<EntityView<'a>>,
    /// What to ask for as `before` to get those behind them; nothing where there are none here.
    next: Option<u64>,
}

/// An entity of another house.
#[derive(Serialize)]
struct EntityView<'a> {
    id: u64,
    host: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    url: Option<String>,
    actor: Option<String>,
    /// What the actor is called here, where it is known: `name@host`.
    author: Option<String>,
    /// The number of the chat that it is here, where it was said in a federated room.
    chat: Option<u64>,
    received_at: i64,
    signature: &'a str,
    /// Byte for byte, as it was signed.
    text: &'a str,
}

impl<'a> EntityView<'a> {
    fn new(hub: &Hub, federation: &Federation, kept: &'a Kept) -> Self {
        let spell = |address: &_| federation.spell(&Target::Remote(Clone::clone(address)));
        Self {
            id: kept.id.get(),
            host: kept.host.as_str(),
            kind: &kept.kind,
            url: kept.name.as_ref().map(spell),
            actor: kept.actor.as_ref().map(spell),
            author: kept.actor.as_ref().and_then(|actor| hub.name_at(actor)),
            chat: kept.chat.map(Id::get),
            received_at: kept.at.millis(),
            signature: &kept.signature,
            text: &kept.text,
        }
    }
}

//! The desk of a peer: the documents that it serves, its inboxes, and its door for sockets.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Sender;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::Who;
use super::entities::MADE;
use super::house::key_of;
use super::key::{Key, Stamp};
use super::line::{Line, SOCKET, SUBPROTOCOL};

/// What a peer is and has.
pub(super) struct Desk {
    pub(super) address: SocketAddr,
    pub(super) host: String,
    pub(super) offers_sockets: AtomicBool,
    pub(super) speaks_new: AtomicBool,
    /// Whether those who call are greeted by the desk, and not by a test.
    pub(super) greets: AtomicBool,
    /// How often its keys were changed.
    generation: AtomicU32,
    replies: Mutex<VecDeque<Reply>>,
    documents: Mutex<BTreeMap<String, String>>,
    posts: Sender<Posted>,
    lines: Sender<Result<Line>>,
}

/// What a post is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Reply {
    /// Nothing but a status; with an error where it is one.
    pub fn of(status: u16) -> Self {
        let body = if status < 400 { String::new() } else { json!({ "error": "not now" }).to_string() };
        Self { status, headers: Vec::new(), body }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// What was posted to one of a peer's inboxes.
#[derive(Clone, Debug)]
pub struct Posted {
    /// To which.
    pub path: String,
    /// The media type.
    pub content_type: String,
    /// Who signed, and when.
    pub stamp: Stamp,
    /// The body, byte for byte.
    pub text: String,
}

impl Posted {
    /// The entity, if its signature holds with the key that its signer publishes.
    pub async fn check(&self) -> Result<Value> {
        let key = key_of(&self.stamp.signed_by).await?;
        self.stamp.check(&key, "post", &self.path, &self.text)?;
        Ok(serde_json::from_str(&self.text)?)
    }
}

impl Desk {
    pub(super) fn new(address: SocketAddr, posts: Sender<Posted>, lines: Sender<Result<Line>>) -> Self {
        Self {
            address,
            host: address.to_string(),
            offers_sockets: AtomicBool::new(true),
            speaks_new: AtomicBool::new(false),
            greets: AtomicBool::new(true),
            generation: AtomicU32::new(0),
            replies: Mutex::default(),
            documents: Mutex::default(),
            posts,
            lines,
        }
    }

    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    pub(super) fn user(&self) -> String {
        format!("{}/users/1", self.origin())
    }

    pub(super) fn replies(&self) -> MutexGuard<'_, VecDeque<Reply>> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn documents(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.documents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn rotate(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn sign(&self, who: Who, method: &str, path: &str, body: &str, at: i64) -> Stamp {
        let signed_by = match who {
            Who::User => self.user(),
            Who::Instance => format!("instance {}", self.host),
            Who::Domain => self.host.clone(),
        };
        self.key(who).stamp(&signed_by, method, path, body, at)
    }

    fn key(&self, who: Who) -> Key {
        let owner = if who == Who::User { "user" } else { "server" };
        Key::named(&format!("{owner} {} {}", self.host, self.generation.load(Ordering::SeqCst)))
    }

    /// Answers whoever comes.
    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener) {
        // Dropped with this task, so that a closed peer is silent on every connection.
        let mut guests = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            guests.spawn(Arc::clone(&self).attend(stream));
            while guests.try_join_next().is_some() {}
        }
    }

    async fn attend(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(|request| {
            let desk = Arc::clone(&self);
            async move { desk.answer(request).await.map_err(std::io::Error::other) }
        });
        let http = hyper::server::conn::http1::Builder::new();
        // Who goes away in the middle of a request is no concern of a test's.
        let _ = http.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
        let path = request.uri().path().to_owned();
        if request.method() == "POST" {
            return self.take(path, request).await;
        }
        if path == SOCKET && self.offers_sockets.load(Ordering::SeqCst) {
            return self.open(request);
        }
        let served = self.documents().get(&path).cloned();
        let text = served.or_else(|| self.document(&path).map(|document| document.to_string()));
        let Some(text) = text else { return respond(Reply::of(404), "application/json") };
        let is_new = path.starts_with("/.versia/");
        let (who, media) = if is_new { (Who::Domain, NEW) } else { (Who::User, OLD) };
        let stamp = self.sign(who, "get", &path, &text, super::key::now());
        respond(Reply { status: 200, headers: stamp.headers(), body: text }, media)
    }

    /// Somebody posts.
    async fn take(&self, path: String, request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
        if !path.ends_with("/inbox") {
            return respond(Reply::of(404), OLD);
        }
        let (head, body) = request.into_parts();
        let text = String::from_utf8(body.collect().await?.to_bytes().to_vec())?;
        let header = |name: &str| head.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
        let stamp = Stamp {
            signature: header("versia-signature"),
            signed_at: header("versia-signed-at"),
            signed_by: header("versia-signed-by"),
        };
        let reply = self.replies().pop_front().unwrap_or_else(|| Reply::of(202));
        self.posts.send(Posted { path, content_type: header("content-type"), stamp, text }).await.context("closed")?;
        respond(reply, OLD)
    }

    /// Somebody wants a socket.
    fn open(self: Arc<Self>, mut request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
        let header = |name: &str| request.headers().get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
        if header("sec-websocket-protocol") != SUBPROTOCOL {
            return respond(Reply::of(400), OLD);
        }
        let accept = derive_accept_key(header("sec-websocket-key").as_bytes());
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            let line = match upgrade.await {
                Ok(upgraded) => Line::called(Arc::clone(&self), upgraded).await,
                Err(error) => Err(error.into()),
            };
            // Nobody waits for it where the test is over.
            let _ = self.lines.send(line).await;
        });
        let response = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "websocket");
        let response = response.header("sec-websocket-accept", accept).header("sec-websocket-protocol", SUBPROTOCOL);
        Ok(response.body(Full::default())?)
    }

    fn document(&self, path: &str) -> Option<Value> {
        let new_only = self.speaks_new.load(Ordering::SeqCst);
        match path {
            "/.well-known/versia" if new_only => Some(json!({ "versions": ["0.6.0"] })),
            "/.well-known/versia" => Some(self.metadata(&["0.5.0"])),
            "/.versia/v0.6/instance" if new_only => Some(self.metadata(&["0.6.0"])),
            "/.well-known/webfinger" => Some(self.finger(new_only)),
            "/users/1" if !new_only => Some(self.profile()),
            "/.versia/v0.6/entities/User/1" if new_only => Some(Self::new_profile()),
            _ => None,
        }
    }

    fn metadata(&self, versions: &[&str]) -> Value {
        let is_old = versions == ["0.5.0"];
        let mut document = json!({
            "type": "InstanceMetadata", "name": "paper", "created_at": MADE,
            "software": { "name": "paper", "version": "1.0.0" },
            "public_key": { "algorithm": "ed25519", "key": self.key(Who::Instance).public() },
            "compatibility": { "versions": versions, "extensions": [] },
        });
        document[if is_old { "host" } else { "domain" }] = self.host.as_str().into();
        if is_old {
            document["shared_inbox"] = format!("{}/inbox", self.origin()).into();
        }
        if self.offers_sockets.load(Ordering::SeqCst) {
            document["compatibility"]["extensions"] = json!(["pub.versia:websockets"]);
            let endpoint = format!("ws://{}{SOCKET}", self.host);
            document["extensions"] =
                json!({ "pub.versia:websockets": { "endpoint": endpoint, "subprotocols": [SUBPROTOCOL] } });
        }
        document
    }

    fn finger(&self, new_only: bool) -> Value {
        let new = format!("{}/.versia/v0.6/entities/User/1", self.origin());
        let (media, href) =
            if new_only { ("application/vnd.versia+json", new) } else { ("application/json", self.user()) };
        json!({ "subject": format!("acct:bob@{}", self.host), "links": [{ "rel": "self", "type": media, "href": href }] })
    }

    fn profile(&self) -> Value {
        let uri = self.user();
        let list = |name: &str| format!("{uri}/{name}");
        json!({
            "type": "User", "id": "1", "uri": uri, "username": "bob", "display_name": "Bob", "created_at": MADE,
            "public_key": { "actor": uri, "algorithm": "ed25519", "key": self.key(Who::User).public() },
            "inbox": list("inbox"),
            "collections": {
                "outbox": list("outbox"), "followers": list("followers"),
                "following": list("following"), "featured": list("featured"),
            },
        })
    }

    fn new_profile() -> Value {
        json!({
            "type": "User", "id": "1", "username": "bob", "display_name": "Bob", "created_at": MADE, "avatar": null,
            "header": null, "bio": null, "fields": [], "manually_approves_followers": false, "indexable": true,
        })
    }
}

/// The media types (versia.md, section 3.1).
const OLD: &str = "application/json; charset=utf-8";
const NEW: &str = "application/vnd.versia+json; charset=utf-8";

fn respond(reply: Reply, media: &str) -> Result<Response<Full<Bytes>>> {
    let mut response = Response::builder().status(reply.status).header("content-type", media);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(reply.body.into()))?)
}

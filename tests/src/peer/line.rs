//! Lines: sockets between a peer and a house, whoever called (versia.md, section 2).

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::Who;
use super::desk::Desk;
use super::entities::MADE;
use super::house::{House, key_of};
use super::key::{Stamp, now};
use crate::client::{Heard, PATIENCE};

/// Where a peer takes sockets.
pub(super) const SOCKET: &str = "/.versia/ws";
/// The framing.
pub(super) const SUBPROTOCOL: &str = "pub.versia.websockets.v1";
/// The entity of the handshake.
const HELLO: &str = "pub.versia:websockets/Hello";
/// Where a house takes what it is sent, as it is signed for on the peer's side.
const INBOX: &str = "/inbox";
const NEW_INBOX: &str = "/.versia/v0.6/inbox";

/// Tells nonces apart; that they cannot be guessed matters to no test.
static NONCES: AtomicU64 = AtomicU64::new(1);

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// A socket with a house.
pub struct Line {
    socket: WebSocketStream<Box<dyn Wire>>,
    desk: Arc<Desk>,
    /// The house; of one that called, no more than its name is known, and its inboxes where they always are.
    host: String,
    shared_inbox: String,
    /// Of the endpoint: Hellos are signed for it.
    path: String,
    /// What came while something else was waited for.
    aside: VecDeque<Value>,
}

impl Line {
    /// Opens a socket, and says nothing.
    pub(super) async fn knock(desk: Arc<Desk>, house: &House) -> Result<Self> {
        let stream = TcpStream::connect(house.address).await?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{}{}", house.host, house.socket).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse()?);
        let (socket, answer) = client_async(request, Box::new(stream) as Box<dyn Wire>).await?;
        let chosen = answer.headers().get("sec-websocket-protocol").and_then(|value| value.to_str().ok());
        ensure!(chosen == Some(SUBPROTOCOL), "the house chose the sub-protocol {chosen:?}");
        let (host, shared_inbox, path) = (house.host.clone(), house.shared_inbox.clone(), house.socket.clone());
        Ok(Self { socket, desk, host, shared_inbox, path, aside: VecDeque::new() })
    }

    /// The socket of a house that called; after the handshake, where the desk greets.
    pub(super) async fn called(desk: Arc<Desk>, upgraded: Upgraded) -> Result<Self> {
        let wire = Box::new(TokioIo::new(upgraded)) as Box<dyn Wire>;
        let socket = WebSocketStream::from_raw_socket(wire, Role::Server, None).await;
        let (host, shared_inbox, path) = (String::new(), INBOX.to_owned(), SOCKET.to_owned());
        let mut line = Self { socket, desk, host, shared_inbox, path, aside: VecDeque::new() };
        if line.desk.greets.load(Ordering::SeqCst) {
            line.receive().await?;
        }
        Ok(line)
    }

    /// The handshake of who calls.
    pub async fn greet(&mut self) -> Result<()> {
        let first = self.hear_hello().await?;
        ensure!(first["host"] == *self.host && first["to"].is_null() && first["answer"].is_null(), "H1 is {first}");
        let own = nonce();
        self.say_hello(Some(&self.host.clone()), &own, Some(&first["nonce"])).await?;
        let last = self.hear_hello().await?;
        let expected = (json!(self.host), json!(self.desk.host), json!(own), &first["nonce"]);
        let said = (&last["host"], &last["to"], &last["answer"], &last["nonce"]);
        ensure!(said == (&expected.0, &expected.1, &expected.2, expected.3), "H3 is {last}");
        Ok(())
    }

    /// The handshake of who is called.
    async fn receive(&mut self) -> Result<()> {
        let own = nonce();
        self.say_hello(None, &own, None).await?;
        let hello = self.hear_hello().await?;
        ensure!(hello["to"] == *self.desk.host && hello["answer"] == *own, "H2 is {hello}");
        hello["host"].as_str().context("H2 has a host")?.clone_into(&mut self.host);
        self.say_hello(Some(&self.host.clone()), &own, Some(&hello["nonce"])).await
    }

    /// Says a Hello.
    pub async fn say_hello(&mut self, to: Option<&str>, nonce: &str, answer: Option<&Value>) -> Result<()> {
        let hello = json!({
            "answer": answer, "author": null, "created_at": MADE, "host": self.desk.host,
            "nonce": nonce, "to": to, "type": HELLO,
        });
        let path = self.path.clone();
        self.send_for(Who::Instance, "get", &path, &hello.to_string()).await.map(drop)
    }

    /// The next Hello, if its signature holds.
    pub async fn hear_hello(&mut self) -> Result<Value> {
        let frame = self.hear_json().await?;
        let (stamp, text) = unpack(&frame)?;
        let signer = stamp.signed_by.strip_prefix("instance ").unwrap_or(&stamp.signed_by);
        stamp.check(&key_of(&stamp.signed_by).await?, "get", &self.path, text)?;
        let hello: Value = serde_json::from_str(text)?;
        ensure!(hello["type"] == HELLO && hello["host"] == *signer, "no Hello of {signer}: {hello}");
        Ok(hello)
    }

    /// Sends an entity as it must be signed; answers with the signature, which its receipt will name.
    pub async fn send(&mut self, who: Who, entity: &Value) -> Result<String> {
        let path = if who == Who::Domain { NEW_INBOX.to_owned() } else { self.shared_inbox.clone() };
        self.send_for(who, "post", &path, &entity.to_string()).await
    }

    /// Sends anything, signed for anything.
    pub async fn send_for(&mut self, who: Who, method: &str, path: &str, text: &str) -> Result<String> {
        let stamp = self.desk.sign(who, method, path, text, now());
        self.send_stamped(&stamp, text).await?;
        Ok(stamp.signature)
    }

    /// Sends anything, with any three values.
    pub async fn send_stamped(&mut self, stamp: &Stamp, text: &str) -> Result<()> {
        let Stamp { signature, signed_at, signed_by } = stamp;
        let frame = json!({ "entity": text, "signature": signature, "signed_at": signed_at, "signed_by": signed_by });
        self.say(frame.to_string()).await
    }

    /// Sends a text frame.
    pub async fn say(&mut self, text: impl Into<String>) -> Result<()> {
        Ok(self.socket.send(Message::text(text.into())).await?)
    }

    /// Sends a binary frame.
    pub async fn say_binary(&mut self, bytes: impl Into<Bytes>) -> Result<()> {
        Ok(self.socket.send(Message::binary(bytes)).await?)
    }

    /// Sends a close.
    pub async fn leave(&mut self, code: u16) -> Result<()> {
        Ok(self.socket.close(Some(CloseFrame { code: code.into(), reason: "".into() })).await?)
    }

    /// Gives a receipt.
    pub async fn reply(&mut self, signature: &str, status: u16) -> Result<()> {
        let mut receipt = json!({ "in_reply_to": signature, "status": status });
        if status >= 400 {
            receipt["error"] = "not this time".into();
        }
        self.say(receipt.to_string()).await
    }

    /// The next receipt; messages before it are kept for [`Line::message`].
    pub async fn receipt(&mut self) -> Result<Value> {
        self.next(|frame| frame.get("in_reply_to").is_some() && frame.get("entity").is_none()).await
    }

    /// The next message, if its signature holds: its entity, and its signature. It has no receipt yet.
    pub async fn message_unanswered(&mut self) -> Result<(Value, String)> {
        let frame = self.next(|frame| frame.get("entity").is_some()).await?;
        let (stamp, text) = unpack(&frame)?;
        let is_old = stamp.signed_by.contains("://") || stamp.signed_by.starts_with("instance ");
        let path = if is_old { INBOX } else { NEW_INBOX };
        stamp.check(&key_of(&stamp.signed_by).await?, "post", path, text)?;
        Ok((serde_json::from_str(text)?, stamp.signature))
    }

    /// As [`Line::message_unanswered`], and says that it was taken.
    pub async fn message(&mut self) -> Result<Value> {
        let (entity, signature) = self.message_unanswered().await?;
        self.reply(&signature, 202).await?;
        Ok(entity)
    }

    /// The next frame that is like this; others are kept.
    pub async fn next(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        if let Some(place) = self.aside.iter().position(&is_wanted) {
            return self.aside.remove(place).context("it was there");
        }
        loop {
            let frame = self.hear_json().await?;
            if is_wanted(&frame) {
                return Ok(frame);
            }
            self.aside.push_back(frame);
        }
    }

    /// The next text frame, as JSON.
    pub async fn hear_json(&mut self) -> Result<Value> {
        match self.hear().await? {
            Heard::Text(text) => serde_json::from_str(&text).with_context(|| format!("not JSON: {text}")),
            other => bail!("expected a text frame, got {other:?}"),
        }
    }

    /// The next frame, or the end. Pings are answered and passed over.
    pub async fn hear(&mut self) -> Result<Heard> {
        let heard = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return Heard::Text(text.to_string()),
                    Some(Ok(Message::Binary(bytes))) => return Heard::Binary(bytes),
                    Some(Ok(Message::Close(frame))) => {
                        // The answer to it goes out with this, whether or not anybody listens on.
                        let _ = self.socket.flush().await;
                        return Heard::Close(frame.map(|frame| (frame.code.into(), frame.reason.to_string())));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Heard::End,
                }
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.context("nothing was heard for too long")
    }

    /// The code with which the house closes the socket; everything before that is passed over.
    pub async fn closed(&mut self) -> Result<u16> {
        loop {
            match self.hear().await? {
                Heard::Close(Some((code, _))) => return Ok(code),
                Heard::Close(None) | Heard::End => bail!("the socket ended without a code"),
                Heard::Text(_) | Heard::Binary(_) => {}
            }
        }
    }
}

/// 22 characters of base64url.
pub(super) fn nonce() -> String {
    format!("{:022}", NONCES.fetch_add(1, Ordering::Relaxed))
}

/// The three values of a message, and its entity.
pub fn unpack(frame: &Value) -> Result<(Stamp, &str)> {
    let text = |name: &str| frame[name].as_str().with_context(|| format!("{name} is no text in {frame}"));
    let value = |name: &str| text(name).map(str::to_owned);
    let (signature, signed_at, signed_by) = (value("signature")?, value("signed_at")?, value("signed_by")?);
    Ok((Stamp { signature, signed_at, signed_by }, text("entity")?))
}

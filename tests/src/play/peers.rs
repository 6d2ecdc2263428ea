//! Other servers in a script: what they sign, serve, post and hear.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Play;
use crate::client::Answer;
use crate::house::API_KEY;
use crate::pattern::{Pattern, fill};
use crate::peer::{self, Peer, Reply, Stamp, Who};
use crate::script::{PeerStatement, Seal};

/// Where everybody's inbox is, in 0.5 and 0.6.
const INBOX: &str = "/inbox";
const NEW_INBOX: &str = "/.versia/v0.6/inbox";

impl Play<'_> {
    pub(super) async fn play_peer(&mut self, statement: &PeerStatement) -> Result<()> {
        match statement {
            PeerStatement::Peer { name, new, closed } => self.meet(name, *new, *closed).await,
            PeerStatement::Seal(seal) => self.seal(seal),
            PeerStatement::Serve(name, path, json) => {
                let document: Value = serde_json::from_str(&fill(json, &self.captures)?)?;
                self.peer(name)?.serve(path, &document);
                Ok(())
            }
            PeerStatement::Rotate(name) => {
                self.peer(name)?.rotate_keys();
                Ok(())
            }
            PeerStatement::Replies(name, statuses) => {
                self.peer(name)?.answer_with(statuses.iter().map(|status| Reply::of(*status)));
                Ok(())
            }
            PeerStatement::Dial(name, socket) => {
                let peer = self.peer(name)?;
                let line = peer.dial(&peer.meet(self.house.address()).await?).await?;
                self.sockets.insert(socket.clone(), line.into());
                Ok(())
            }
            PeerStatement::Called(name, socket) => {
                let line =
                    self.peers.get_mut(name).with_context(|| format!("there is no peer {name}"))?.next_line().await?;
                self.sockets.insert(socket.clone(), line.into());
                Ok(())
            }
            PeerStatement::Posted(name, path, pattern) => self.posted(name, path, pattern).await,
            PeerStatement::Sealed(socket, method, path, pattern) => self.sealed(socket, method, path, pattern).await,
            PeerStatement::Receipt(socket, variable, status, error) => {
                self.receipt(socket, variable, *status, error).await
            }
            PeerStatement::Header(name, text) => self.header(name, text),
            PeerStatement::Holds(path) => self.holds(path).await,
        }
    }

    async fn meet(&mut self, name: &str, new: bool, closed: bool) -> Result<()> {
        let peer = Peer::open().await?;
        peer.speak_new(new);
        peer.offer_sockets(!closed);
        peer.greet_callers(false);
        for (member, value) in [("host", peer.host().to_owned()), ("origin", peer.origin()), ("user", peer.user())] {
            self.captures.insert(format!("{name}.{member}"), value.into());
        }
        self.peers.insert(name.to_owned(), peer);
        Ok(())
    }

    fn peer(&self, name: &str) -> Result<&Peer> {
        self.peers.get(name).with_context(|| format!("there is no peer {name}"))
    }

    fn seal(&mut self, seal: &Seal) -> Result<()> {
        let inbox = if seal.who == Who::Domain { NEW_INBOX } else { INBOX };
        let (method, path) = seal.target.clone().unwrap_or_else(|| ("post".to_owned(), inbox.to_owned()));
        let (path, text) = (fill(&path, &self.captures)?, fill(&seal.text, &self.captures)?);
        let mut stamp = self.peer(&seal.peer)?.sign_at(seal.who, &method, &path, &text, peer::now() + seal.at);
        if let Some(by) = &seal.by {
            stamp.signed_by = fill(by, &self.captures)?;
        }
        self.keep_stamp(&seal.variable, &stamp, &text)
    }

    /// `$NAME` is the frame, `$NAME.json` the entity as a JSON string, `$NAME.forged` the signature with one bit changed.
    fn keep_stamp(&mut self, name: &str, stamp: &Stamp, text: &str) -> Result<()> {
        let Stamp { signature, signed_at, signed_by } = stamp;
        let mut bytes = STANDARD.decode(signature)?;
        bytes[0] ^= 1;
        let frame = json!({ "entity": text, "signature": signature, "signed_at": signed_at, "signed_by": signed_by });
        let values = [
            ("", frame.to_string()),
            (".entity", text.to_owned()),
            (".json", json!(text).to_string()),
            (".signature", signature.clone()),
            (".forged", STANDARD.encode(bytes)),
            (".at", signed_at.clone()),
            (".by", signed_by.clone()),
        ];
        for (member, value) in values {
            self.captures.insert(format!("{name}{member}"), value.into());
        }
        Ok(())
    }

    /// The headers and the body with which a peer sends what it has sealed as `variable`.
    pub(super) fn sealed_request(&self, variable: &str) -> Result<(Vec<(&'static str, String)>, String)> {
        let value = |member: &str| fill(&format!("${variable}.{member}"), &self.captures);
        let stamp = Stamp { signature: value("signature")?, signed_at: value("at")?, signed_by: value("by")? };
        let (mut headers, body) = (stamp.headers(), value("entity")?);
        headers.push((if body.is_empty() { "accept" } else { "content-type" }, stamp.media().to_owned()));
        Ok((headers, body))
    }

    /// What shows that the operator asks.
    pub(super) fn operator() -> Vec<(&'static str, String)> {
        vec![("authorization", format!("Bearer {API_KEY}"))]
    }

    async fn posted(&mut self, name: &str, path: &str, pattern: &str) -> Result<()> {
        let peer = self.peers.get_mut(name).with_context(|| format!("there is no peer {name}"))?;
        let posted = peer.next_post().await?;
        ensure!(posted.path == path, "posted to {}: {}", posted.path, posted.text);
        let entity = posted.check().await?;
        self.keep_stamp(name, &posted.stamp, &posted.text)?;
        Pattern::parse(pattern)?.check(&entity, &mut self.captures).with_context(|| format!("posted {entity}"))
    }

    /// A message whose signature holds. As `$SOCKET.signature` … it is known afterwards.
    async fn sealed(&mut self, socket: &str, method: &str, path: &str, pattern: &str) -> Result<()> {
        let frame = self.socket(socket)?.hear_like(|frame| frame.get("entity").is_some()).await?;
        let (stamp, text) = peer::unpack(&frame)?;
        stamp.check(&peer::key_of(&stamp.signed_by).await?, method, path, text)?;
        self.keep_stamp(socket, &stamp, text)?;
        let entity: Value = serde_json::from_str(text)?;
        Pattern::parse(pattern)?.check(&entity, &mut self.captures).with_context(|| format!("heard {entity}"))
    }

    async fn receipt(&mut self, socket: &str, variable: &str, status: u16, error: &str) -> Result<()> {
        let mut expected = json!({ "in_reply_to": null, "status": status });
        if variable != "-" {
            expected["in_reply_to"] = fill(&format!("${variable}.signature"), &self.captures)?.into();
        }
        let heard = self.socket(socket)?.hear_like(|frame| frame.get("in_reply_to").is_some()).await?;
        if status >= 400 {
            expected["error"] = if error == "*" { heard["error"].clone() } else { error.into() };
        }
        ensure!(status < 400 || heard["error"].is_string(), "an error without words: {heard}");
        ensure!(heard == expected, "expected {expected}, heard {heard}");
        Ok(())
    }

    fn last(&self) -> Result<&Answer> {
        self.last.as_ref().context("nothing was answered before this line")
    }

    fn header(&self, name: &str, text: &str) -> Result<()> {
        let (expected, given) = (fill(text, &self.captures)?, self.last()?.header(name));
        match expected.as_str() {
            "*" => ensure!(given.is_some(), "there is no {name}"),
            "" => ensure!(given.is_none(), "{name} is {given:?}"),
            expected => ensure!(given == Some(expected), "expected {expected}, {name} is {given:?}"),
        }
        Ok(())
    }

    async fn holds(&self, path: &str) -> Result<()> {
        let (path, answer) = (fill(path, &self.captures)?, self.last()?);
        let header = |name: &str| answer.header(name).with_context(|| format!("there is no {name}")).map(str::to_owned);
        let stamp = Stamp {
            signature: header("versia-signature")?,
            signed_at: header("versia-signed-at")?,
            signed_by: header("versia-signed-by")?,
        };
        stamp.check(&peer::key_of(&stamp.signed_by).await?, "get", &path, std::str::from_utf8(&answer.body)?)
    }
}

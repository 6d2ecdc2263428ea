//! A Versia server of paper: small, but real. It has keys, documents and an inbox on a loopback port, calls houses and is called by them.
//!
//! It shares no code with the Versia room, whose judge it is: what it signs, checks and says is written down here once more, from versia.md.
//!
//! ```no_run
//! # async fn f(house: std::net::SocketAddr) -> anyhow::Result<()> {
//! use quintet_tests::peer::{Peer, Who};
//! let mut peer = Peer::open().await?;
//! let house = peer.meet(house).await?;
//! let answer = peer.post(&house, Who::User, &peer.follow("f1", &house.user(1))).await?;
//! assert_eq!(answer.status, 202);
//! let accepted = peer.next_post().await?.check().await?;
//! let mut line = peer.dial(&house).await?;
//! line.send(Who::User, &peer.note("n1", "hello")).await?;
//! assert_eq!(line.receipt().await?["status"], 202);
//! # Ok(()) }
//! ```

mod desk;
mod entities;
mod house;
mod key;
mod line;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;

use self::desk::Desk;
use crate::client::{Answer, Ask, PATIENCE, request};

pub use desk::{Posted, Reply};
pub use house::House;
pub(crate) use house::key_of;
pub(crate) use key::now;
pub use key::{Key, Stamp};
pub use line::{Line, unpack};

/// What waits to be looked at by a test: posts, and sockets.
const WAITING: usize = 16_384;

/// In whose name something is signed, and so in which version it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The user, in 0.5.
    User,
    /// The server, in 0.5.
    Instance,
    /// The server, in 0.6.
    Domain,
}

/// A running server. Closed when it is dropped.
pub struct Peer {
    desk: Arc<Desk>,
    posts: Receiver<Posted>,
    lines: Receiver<Result<Line>>,
    task: JoinHandle<()>,
}

impl Peer {
    /// Opens one on a free loopback port. It has one user, `bob`, and offers sockets.
    pub async fn open() -> Result<Self> {
        Self::open_at((Ipv4Addr::LOCALHOST, 0).into()).await
    }

    /// Opens one at an address, where another was before.
    pub async fn open_at(address: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let ((post, posts), (line, lines)) = (channel(WAITING), channel(WAITING));
        let desk = Arc::new(Desk::new(listener.local_addr()?, post, line));
        let task = tokio::spawn(Arc::clone(&desk).serve(listener));
        Ok(Self { desk, posts, lines, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.desk.address
    }

    /// Its name.
    pub fn host(&self) -> &str {
        &self.desk.host
    }

    /// Its origin, without a slash at the end.
    pub fn origin(&self) -> String {
        self.desk.origin()
    }

    /// The URI of its user.
    pub fn user(&self) -> String {
        self.desk.user()
    }

    /// Whether its metadata offers sockets, and new ones are taken.
    pub fn offer_sockets(&self, offers: bool) {
        self.desk.offers_sockets.store(offers, Ordering::SeqCst);
    }

    /// Whether it says that it speaks only 0.6.
    pub fn speak_new(&self, new: bool) {
        self.desk.speaks_new.store(new, Ordering::SeqCst);
    }

    /// Whether it goes through the handshake by itself with houses that call.
    pub fn greet_callers(&self, greets: bool) {
        self.desk.greets.store(greets, Ordering::SeqCst);
    }

    /// What the next posts to its inboxes are answered, one after the other; then 202.
    pub fn answer_with(&self, replies: impl IntoIterator<Item = Reply>) {
        self.desk.replies().extend(replies);
    }

    /// Serves a document at a path, instead of what is there.
    pub fn serve(&self, path: &str, document: &Value) {
        self.desk.documents().insert(path.to_owned(), document.to_string());
    }

    /// New keys for the server and its user.
    pub fn rotate_keys(&self) {
        self.desk.rotate();
    }

    /// The next post to one of its inboxes. Fails where none comes.
    pub async fn next_post(&mut self) -> Result<Posted> {
        let post =
            tokio::time::timeout(PATIENCE, self.posts.recv()).await.context("nothing was posted for too long")?;
        post.context("the server is closed")
    }

    /// The next socket that a house has opened, with the handshake behind it. Fails where none comes, or the handshake failed.
    pub async fn next_line(&mut self) -> Result<Line> {
        let line = tokio::time::timeout(PATIENCE, self.lines.recv()).await.context("nobody called for too long")?;
        line.context("the server is closed")?
    }

    /// Asks a house who it is.
    pub async fn meet(&self, address: SocketAddr) -> Result<House> {
        House::meet(address).await
    }

    /// Opens a socket to a house, and goes through the handshake.
    pub async fn dial(&self, house: &House) -> Result<Line> {
        let mut line = self.knock(house).await?;
        line.greet().await?;
        Ok(line)
    }

    /// Opens a socket to a house, and says nothing yet.
    pub async fn knock(&self, house: &House) -> Result<Line> {
        Line::knock(Arc::clone(&self.desk), house).await
    }

    /// Posts an entity to a house's inbox, signed.
    pub async fn post(&self, house: &House, who: Who, entity: &Value) -> Result<Answer> {
        let (path, body) = (house.inbox(who), entity.to_string());
        let stamp = self.sign(who, "post", path, &body);
        self.post_stamped(house, path, &stamp, &body).await
    }

    /// Posts anything to a house, with any three headers.
    pub async fn post_stamped(&self, house: &House, path: &str, stamp: &Stamp, body: &str) -> Result<Answer> {
        let mut headers = stamp.headers();
        headers.push(("content-type", stamp.media().to_owned()));
        let ask = Ask { method: "POST", path, headers, body: body.to_owned().into() };
        request(house.address, ask).await
    }

    /// Fetches something from a house, signed as the server.
    pub async fn get(&self, house: &House, who: Who, path: &str) -> Result<Answer> {
        let stamp = self.sign(who, "get", path.split('?').next().unwrap_or(path), "");
        let mut headers = stamp.headers();
        headers.push(("accept", stamp.media().to_owned()));
        request(house.address, Ask { path, headers, ..Ask::default() }).await
    }

    /// Signs something, now.
    pub fn sign(&self, who: Who, method: &str, path: &str, body: &str) -> Stamp {
        self.sign_at(who, method, path, body, now())
    }

    /// Signs something, at some second.
    pub fn sign_at(&self, who: Who, method: &str, path: &str, body: &str, at: i64) -> Stamp {
        self.desk.sign(who, method, path, body, at)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

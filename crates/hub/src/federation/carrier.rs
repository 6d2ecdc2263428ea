//! What gets bytes to other machines and back: the server has it.

use async_trait::async_trait;
use quintet_core::Error;
use quintet_core::federation::Host;
use quintet_core::federation::inquiry::Fetched;
use quintet_core::federation::telling::Posting;
use tokio::sync::oneshot;

/// Fetches, posts and dials, through one gate: to no address that is private, and within bounds of time and size.
///
/// `Unavailable` for what may pass: a time-out, a lost connection, too much at once. `Forbidden` for what the gate refuses: another scheme, a private address, a redirect,
/// more than the bound.
#[async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// One GET.
    async fn fetch(&self, url: &str, headers: Vec<(&'static str, String)>) -> Result<Fetched, Error>;

    /// One POST.
    async fn post(&self, posting: Posting) -> Result<Posted, Error>;

    /// Opens a socket to a house, at its endpoint, with a session of ours on it; returns when it is open. The session then says who it is, and carries.
    async fn dial(&self, host: &Host, endpoint: &str) -> Result<Dialed, Error>;
}

/// A socket that was opened.
#[derive(Debug)]
pub struct Dialed(oneshot::Receiver<()>);

/// What a socket holds until it ends.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "it is dropped, which tells the other end")] oneshot::Sender<()>);

impl Dialed {
    /// A socket, and what it is to hold.
    pub fn new() -> (Held, Self) {
        let (held, ended) = oneshot::channel();
        (Held(held), Self(ended))
    }

    /// Waits until the socket has ended.
    pub async fn ended(self) {
        // Nobody sends anything: it is dropped.
        let _ = self.0.await;
    }
}

/// What was answered to a POST.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, within the bound.
    pub body: Vec<u8>,
}

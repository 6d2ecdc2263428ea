//! A server at work.

use std::net::SocketAddr;
use std::sync::Arc;

use quintet_core::identity::Secret;
use quintet_core::{Error, Origin};
use quintet_hub::Hub;
use quintet_hub::listening::Listening;
use quintet_hub::procedures::Registration;
use quintet_server::TlsError;
use tokio::task::JoinSet;

use crate::Handle;

/// A server that answers. Dropping it stops it at once; [`Running::shutdown`] says goodbye first.
pub struct Running {
    pub(crate) server: quintet_server::Running,
    pub(crate) admin_password: Option<Secret>,
    pub(crate) handle: Handle,
    /// They listen as long as this is there.
    pub(crate) _listeners: JoinSet<()>,
    /// They are run as long as this is there.
    pub(crate) _procedures: Vec<Registration>,
}

impl Running {
    /// Where it listens, with the port that it got.
    pub fn addr(&self) -> SocketAddr {
        self.server.address()
    }

    /// The URL of that very address, as in `http://127.0.0.1:8080`.
    pub fn url(&self) -> String {
        let scheme = if self.is_encrypted() { "https" } else { "http" };
        let address = self.addr();
        // Nobody can connect to the address that stands for all.
        let host = match (address.ip().is_unspecified(), address) {
            (true, SocketAddr::V4(_)) => "127.0.0.1".to_owned(),
            (true, SocketAddr::V6(_)) => "[::1]".to_owned(),
            (false, SocketAddr::V4(address)) => address.ip().to_string(),
            (false, SocketAddr::V6(address)) => format!("[{}]", address.ip()),
        };
        format!("{scheme}://{host}:{}", address.port())
    }

    /// The URL at which others reach it.
    pub fn origin(&self) -> &Origin {
        self.server.origin()
    }

    /// The URL that was configured for others, if one was.
    pub fn configured_origin(&self) -> Option<&Origin> {
        self.server.configured_origin()
    }

    /// The admin's password, if the house was founded just now and it was made up.
    pub fn admin_password(&self) -> Option<&Secret> {
        self.admin_password.as_ref()
    }

    /// The hall behind the door.
    pub fn hub(&self) -> &Arc<Hub> {
        self.server.hub()
    }

    /// A hold on it: to say something, to call procedures, to listen.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Listens to every topic that begins like this, rights aside; `*` stands for one segment, as in `room/*`.
    pub fn listen(&self, pattern: &str) -> Result<Listening, Error> {
        self.handle.listen(pattern)
    }

    /// Whether it speaks TLS itself.
    pub fn is_encrypted(&self) -> bool {
        self.server.is_encrypted()
    }

    /// Reads the certificate again; connections that are open keep theirs.
    pub fn reload_tls(&self) -> Result<(), TlsError> {
        self.server.reload_tls()
    }

    /// Takes nobody in any more, closes every socket with 1001 (those with calls under way when they have their answers), finishes what is
    /// being written, and lets go of the data.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
    }
}

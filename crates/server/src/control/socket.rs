//! The control socket: the server API for the owner of the data directory, without a key.

use std::fs::Permissions;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use tokio::net::UnixListener;
use tokio::sync::Semaphore;

use super::{Lock, socket_path};
use crate::api;
use crate::edge::head::head_of;
use crate::edge::reply::{Reply, from_plain};
use crate::edge::{Door, refusal, serve_http};

/// Connections at once; further ones wait.
const CONNECTIONS: u32 = 64;

/// How long to wait after a connection could not be taken in.
const PAUSE: Duration = Duration::from_millis(50);

/// A bound control socket. Its file goes when this is dropped.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    /// Binds it. Whoever has the lock may remove the socket that a crashed server left behind.
    pub(crate) fn bind(lock: &Lock) -> io::Result<Self> {
        let path = socket_path(lock.data());
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Serves it until the door drains, and everybody who came before has left.
    pub(crate) async fn serve(self, door: Arc<Door>) {
        let mut draining = door.draining();
        let places = Arc::new(Semaphore::new(CONNECTIONS as usize));
        loop {
            let accepted = tokio::select! {
                accepted = self.accept(&places) => accepted,
                _ = draining.wait_for(|draining| *draining) => break,
            };
            match accepted {
                Ok((stream, place)) => {
                    let door = Arc::clone(&door);
                    tokio::spawn(async move {
                        let answer = |request| answer(Arc::clone(&door), request);
                        serve_http(stream, door.limits(), door.draining(), answer).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot take a control connection in");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        // Those who were let in are still answered.
        let _ = places.acquire_many(CONNECTIONS).await;
    }

    async fn accept(
        &self,
        places: &Arc<Semaphore>,
    ) -> io::Result<(tokio::net::UnixStream, tokio::sync::OwnedSemaphorePermit)> {
        let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
        let (stream, _) = self.listener.accept().await?;
        Ok((stream, place))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The next start removes it, should this fail.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn answer(door: Arc<Door>, request: Request<Incoming>) -> Reply {
    let head = head_of(&request);
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    if !api::serves(&head.path) {
        return from_plain(refusal::response(404, "the control socket serves /quintet/v1 only"));
    }
    let (body, draining) = (request.into_body(), door.draining());
    api::read_and_answer(api::Visit { hub: door.hub(), head, body, address: here, draining }).await
}

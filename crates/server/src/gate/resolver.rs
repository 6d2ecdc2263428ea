//! Names to addresses.

use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Semaphore;

/// Finds out where a name is.
#[async_trait]
pub(crate) trait Resolver: Send + Sync + 'static {
    /// All its addresses.
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's. It cannot be interrupted: a look-up holds its place until it is over, however long somebody waits for it.
pub(crate) struct System {
    places: Arc<Semaphore>,
}

impl System {
    /// With so many look-ups at once.
    pub(crate) fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS))) }
    }
}

#[async_trait]
impl Resolver for System {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        let name = name.to_owned();
        let found = tokio::task::spawn_blocking(move || {
            let _place = place;
            // The port is nobody's; the addresses are what is asked for.
            (name.as_str(), 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect())
        });
        found.await.map_err(io::Error::other)?
    }
}

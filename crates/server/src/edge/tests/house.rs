//! A house for one test, and a peer that says exactly what it is told to say.

use std::sync::Arc;

use quintet_bus::InProcess;
use quintet_concord::Concord;
use quintet_core::identity::Secret;
use quintet_core::{Dialect, Limits, Timestamp};
use quintet_hub::procedures::Registry;
use quintet_hub::{Hub, Parts, Rules};
use quintet_jac::Jac;
use quintet_store::{Memory, Options};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::Door;
use crate::config::{Config, Listen};
use crate::control::Lock;
use crate::serve::{Parts as ServerParts, Running, bind, start};

/// What a test wants different.
#[derive(Default)]
pub(super) struct Wish {
    pub(super) config: Config,
    pub(super) rooms: Vec<Arc<dyn Dialect>>,
    pub(super) lock: Option<Lock>,
}

impl Wish {
    /// With these bounds.
    pub(super) fn limits(set: impl FnOnce(&mut Limits)) -> Self {
        let mut wish = Self::default();
        set(&mut wish.config.limits);
        wish
    }

    /// With this configuration.
    pub(super) fn config(set: impl FnOnce(&mut Config)) -> Self {
        let mut wish = Self::default();
        set(&mut wish.config);
        wish
    }

    /// A server on a free port, with Concord and Jac and an empty memory.
    pub(super) async fn serve(mut self) -> Running {
        self.config.house.listen = Listen::new("127.0.0.1", 0);
        let bound = bind(&self.config).await.unwrap();
        let bound = match self.lock {
            Some(lock) => bound.with_data(lock).unwrap(),
            None => bound,
        };
        let clock: quintet_core::time::Clock = Arc::new(|| Timestamp::from_millis(1_800_000_000_000));
        let limits = self.config.limits.clone();
        let procedures = Arc::new(Registry::new(&limits));
        let mut dialects: Vec<Arc<dyn Dialect>> =
            vec![Arc::new(Concord::new(&limits)), Arc::new(Jac::new(8, Arc::clone(&procedures) as _))];
        dialects.append(&mut self.rooms);
        let store = Memory::new(Options { limits: limits.clone(), clock: Arc::clone(&clock) });
        let parts = Parts {
            procedures,
            store: Arc::new(store),
            bus: Arc::new(InProcess::default()),
            dialects,
            origin: bound.origin().clone(),
            limits,
            clock,
            rules: Rules {
                token_ttl: self.config.auth.token_ttl.duration(),
                registration: true,
                drives: true,
                public_read: false,
                rate_limits: true,
                federation: quintet_hub::federation::Rules::default(),
            },
            founding: Some(Secret::new("admin-secret")),
            delivery_tasks: 0,
            serving: true,
            compress: None,
        };
        let hub = Hub::start(parts).await.unwrap().hub;
        start(bound, ServerParts { config: self.config, hub, rate_limits: true })
    }
}

/// A server as everybody has it.
pub(super) async fn serve() -> Running {
    Wish::default().serve().await
}

impl Running {
    /// What the edge of this server shares.
    pub(super) fn door(&self) -> &Arc<Door> {
        &self.door
    }
}

/// An answer, as it came over the wire.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Heard {
    /// Takes an answer apart.
    pub(super) fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// The value of a header, in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| *key == name).map(|(_, value)| value).next()
    }
}

/// Connects.
pub(super) async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(running.address()).await.unwrap()
}

/// Says something, and hears all until the server closes.
pub(super) async fn say(running: &Running, text: &str) -> Heard {
    let mut stream = connect(running).await;
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).await.unwrap();
    Heard::read(&String::from_utf8_lossy(&heard))
}

/// Asks for something without a body, on a connection of its own.
pub(super) async fn ask(running: &Running, line: &str, headers: &str) -> Heard {
    say(running, &format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n")).await
}

/// Sends JSON.
pub(super) async fn send(running: &Running, line: &str, headers: &str, body: &str) -> Heard {
    let length = body.len();
    let json = format!("content-type: application/json\r\ncontent-length: {length}\r\n{headers}");
    say(running, &format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{json}\r\n{body}")).await
}

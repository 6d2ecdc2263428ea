//! Another house: a listener that answers whatever a test wants.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use parking_lot::Mutex;
use quintet_core::Limits;
use quintet_core::federation::host::Reach;
use rustls::RootCertStore;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::super::Gate;
use super::super::resolver::Resolver;
use crate::trust;

/// A table of names. Each look-up takes the next of a name's answers; the last one stays.
#[derive(Default)]
pub(super) struct Names {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    pub(super) asked: AtomicUsize,
}

impl Names {
    pub(super) fn of(table: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let read = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        let row = |(name, answers): &(&str, &[&[&str]])| ((*name).to_owned(), answers.iter().map(read).collect());
        Arc::new(Self { answers: Mutex::new(table.iter().map(row).collect()), asked: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Resolver for Names {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock();
        let answers = answers.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
    }
}

/// A gate that believes nobody's certificate, or those.
pub(super) fn gate(limits: &Limits, reach: Reach, names: Arc<Names>, roots: RootCertStore) -> Gate {
    Gate::new(limits, reach, names, trust::client(roots))
}

/// One that goes to this machine.
pub(super) fn local_gate(limits: &Limits) -> Gate {
    gate(limits, Reach::Loopback, Arc::default(), RootCertStore::empty())
}

/// A house that runs until it is dropped.
pub(super) struct House {
    pub(super) port: u16,
    /// How many connected.
    pub(super) met: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl House {
    /// Has each connection dealt with by a function of its own.
    pub(super) async fn with<F>(deal: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let met = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&met);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut dealing = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                dealing.spawn(deal(stream));
            }
        });
        Self { port, met, _task: task }
    }

    /// Says the same to every request, and closes.
    pub(super) async fn saying(answer: impl Into<String>) -> Self {
        let answer: Arc<str> = answer.into().into();
        Self::with(move |mut stream| {
            let answer = Arc::clone(&answer);
            async move {
                head(&mut stream).await;
                // Whoever has heard enough leaves before the end.
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        })
        .await
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn met(&self) -> usize {
        self.met.load(Ordering::SeqCst)
    }
}

/// The head of a request, in lower case; empty at the end of the connection.
pub(super) async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return String::new(),
        }
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

/// An answer with JSON.
pub(super) fn json(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

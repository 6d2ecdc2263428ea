//! Clients: plain HTTP requests and real WebSocket connections.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// How long a test waits for something that must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// An answer to an HTTP request.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {:?}", self.body))
    }

    /// The first header of this name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A request to be made.
#[derive(Debug, Clone, Default)]
pub struct Ask<'a> {
    /// The method; `GET` where empty.
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Headers.
    pub headers: Vec<(&'a str, String)>,
    /// The body.
    pub body: Bytes,
}

/// An answer of which the body comes by and by.
pub struct Flow {
    body: hyper::body::Incoming,
    driver: JoinHandle<hyper::Result<()>>,
}

impl Flow {
    /// What comes next; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Makes one request on a connection of its own.
pub async fn request(address: SocketAddr, ask: Ask<'_>) -> Result<Answer> {
    let (head, mut flow) = begin(address, ask).await?;
    let mut body = Vec::new();
    while let Some(data) = flow.next().await? {
        body.extend_from_slice(&data);
    }
    Ok(Answer { body: body.into(), ..head })
}

/// As [`request`], without waiting for the body.
pub async fn begin(address: SocketAddr, ask: Ask<'_>) -> Result<(Answer, Flow)> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let method = if ask.method.is_empty() { "GET" } else { ask.method };
    let mut request = hyper::Request::builder().method(method).uri(ask.path).header("host", address.to_string());
    for (name, value) in &ask.headers {
        request = request.header(*name, value);
    }
    let response = sender.send_request(request.body(Full::new(ask.body))?).await?;
    let (head, body) = response.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let answer = Answer { status: head.status.as_u16(), headers: headers.collect(), body: Bytes::new() };
    Ok((answer, Flow { body, driver }))
}

/// An open WebSocket.
pub struct Socket(WebSocketStream<TcpStream>);

/// What came over a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
    /// A close, with its code and reason where it had them.
    Close(Option<(u16, String)>),
    /// The connection ended without a close.
    End,
}

/// What knocking at a socket's door leads to.
pub enum Knock {
    /// It opened.
    Open(Box<Socket>),
    /// It was refused over HTTP.
    Refused(Answer),
}

impl Socket {
    /// Knocks.
    pub async fn knock(address: SocketAddr, path: &str, headers: &[(String, String)]) -> Result<Knock> {
        let mut request = format!("ws://{address}{path}").into_client_request()?;
        for (name, value) in headers {
            let name: hyper::header::HeaderName = name.parse()?;
            request.headers_mut().insert(name, value.parse()?);
        }
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Knock::Open(Box::new(Self(socket)))),
            Err(SocketError::Http(response)) => Ok(Knock::Refused(refusal(*response))),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a socket that must open.
    pub async fn open(address: SocketAddr, path: &str) -> Result<Self> {
        match Self::knock(address, path, &[]).await? {
            Knock::Open(socket) => Ok(*socket),
            Knock::Refused(answer) => bail!("refused with {}: {:?}", answer.status, answer.body),
        }
    }

    /// Sends a text message.
    pub async fn say(&mut self, text: impl Into<String>) -> Result<()> {
        Ok(self.0.send(Message::text(text.into())).await?)
    }

    /// Sends a binary message.
    pub async fn say_binary(&mut self, bytes: Vec<u8>) -> Result<()> {
        Ok(self.0.send(Message::binary(bytes)).await?)
    }

    /// Sends a close.
    pub async fn leave(&mut self, code: u16) -> Result<()> {
        Ok(self.0.close(Some(CloseFrame { code: code.into(), reason: "".into() })).await?)
    }

    /// The next message, or the end. Pings are answered and passed over. Fails after [`PATIENCE`].
    pub async fn hear(&mut self) -> Result<Heard> {
        let heard = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(text))) => return Heard::Text(text.to_string()),
                    Some(Ok(Message::Binary(bytes))) => return Heard::Binary(bytes),
                    Some(Ok(Message::Close(frame))) => {
                        return Heard::Close(frame.map(|frame| (frame.code.into(), frame.reason.to_string())));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Heard::End,
                }
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.context("nothing was heard for too long")
    }

    /// The next message, which must be a text.
    pub async fn hear_text(&mut self) -> Result<String> {
        match self.hear().await? {
            Heard::Text(text) => Ok(text),
            other => bail!("expected a text message, got {other:?}"),
        }
    }

    /// The next message, which must be JSON.
    pub async fn hear_json(&mut self) -> Result<Value> {
        let text = self.hear_text().await?;
        serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))
    }

    /// The raw stream, for rude tests.
    pub fn raw(&self) -> &TcpStream {
        self.0.get_ref()
    }
}

fn refusal(response: hyper::Response<Option<Vec<u8>>>) -> Answer {
    let (head, body) = response.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Answer { status: head.status.as_u16(), headers: headers.collect(), body: body.unwrap_or_default().into() }
}

//! A small HTTP client, for the server API.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::question::Question;

/// What stays as it is in a path (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An answer is never larger, unless something else answers.
const LARGEST_ANSWER: usize = 256 << 20;

/// Where a server is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    encrypted: bool,
    host: String,
    port: u16,
}

impl Address {
    /// Reads `http://host:port` or `https://host`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let expected = || format!("expected a URL as in https://chat.example.org, not {url}");
        let uri: hyper::Uri = url.parse().with_context(expected)?;
        let encrypted = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => bail!(expected()),
        };
        let host = uri.host().with_context(expected)?.trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        Ok(Self { encrypted, host, port })
    }
}

/// A connection to a server.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    key: Option<String>,
}

impl Client {
    /// Connects over the network; the key is shown with every question.
    pub(crate) async fn connect(address: &Address, key: &str) -> Result<Self> {
        let Address { encrypted, host, port } = address;
        let stream = TcpStream::connect((host.as_str(), *port)).await;
        let stream = stream.with_context(|| format!("cannot connect to {host}:{port}"))?;
        let key = Some(key.to_owned());
        if *encrypted {
            Self::over(encrypt(stream, host).await?, host, key).await
        } else {
            Self::over(stream, host, key).await
        }
    }

    /// Speaks HTTP over a stream.
    pub(crate) async fn over<S>(stream: S, host: &str, key: Option<String>) -> Result<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // Its errors come out of the requests.
        tokio::spawn(async { drop(connection.await) });
        Ok(Self { sender, host: host.to_owned(), key })
    }

    /// Asks the API.
    pub(crate) async fn ask(&mut self, question: &Question<'_>) -> Result<(u16, Bytes)> {
        let response = self.send(question).await?;
        whole(response).await
    }

    /// Asks for lines that go on; what else is answered is given back whole.
    pub(crate) async fn listen(&mut self, question: &Question<'_>) -> Result<Result<Lines, (u16, Bytes)>> {
        let response = self.send(question).await?;
        match response.status() {
            StatusCode::OK => Ok(Ok(Lines { body: response.into_body(), received: BytesMut::new() })),
            _ => whole(response).await.map(Err),
        }
    }

    async fn send(&mut self, question: &Question<'_>) -> Result<Response<Incoming>> {
        let mut target = path_of(question);
        if !question.query.is_empty() {
            target = format!("{target}?{}", question.query);
        }
        let mut request = Request::builder().method(question.method).uri(target).header(HOST, &self.host);
        if let Some(key) = &self.key {
            request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        }
        let body = question.body.clone().unwrap_or_default();
        let request = request.header(CONTENT_TYPE, "application/json").body(Full::new(body.into()))?;
        // The one before may still be on its way off the connection.
        self.sender.ready().await.context("the server closed the connection")?;
        self.sender.send_request(request).await.context("the server did not answer")
    }
}

async fn whole(response: Response<Incoming>) -> Result<(u16, Bytes)> {
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), LARGEST_ANSWER).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!(error)).context("the server's answer broke off")?;
    Ok((status, body.to_bytes()))
}

/// An answer that goes on, line by line.
pub(crate) struct Lines {
    body: Incoming,
    received: BytesMut,
}

impl Lines {
    /// The next line that says something; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<String>> {
        loop {
            while let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let line = self.received.split_to(end + 1);
                let line = String::from_utf8_lossy(&line).trim().to_owned();
                if !line.is_empty() {
                    return Ok(Some(line));
                }
            }
            anyhow::ensure!(self.received.len() <= LARGEST_ANSWER, "the server sends a line without an end");
            let Some(frame) = self.body.frame().await else { return Ok(None) };
            let frame = frame.context("the server's answer broke off")?;
            if let Ok(piece) = frame.into_data() {
                self.received.extend_from_slice(&piece);
            }
        }
    }
}

/// A value of a query, as it stands behind its `=`.
pub(crate) fn encode(value: &str) -> String {
    utf8_percent_encode(value, ENCODED).to_string()
}

async fn encrypt(stream: TcpStream, host: &str) -> Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).with_context(|| format!("{host} is no host name"))?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connected.with_context(|| format!("cannot speak TLS with {host}"))
}

/// The path of a question.
pub(crate) fn path_of(question: &Question<'_>) -> String {
    let segments = question.path.iter().map(|segment| utf8_percent_encode(segment, ENCODED).to_string());
    std::iter::once("/quintet/v1".to_owned()).chain(segments).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_addresses() {
        let address = |encrypted, host: &str, port| Address { encrypted, host: host.to_owned(), port };
        assert_eq!(Address::parse("http://localhost:8080").unwrap(), address(false, "localhost", 8080));
        assert_eq!(Address::parse("https://a.example").unwrap(), address(true, "a.example", 443));
        assert_eq!(Address::parse("http://[::1]:81/").unwrap(), address(false, "::1", 81));
        for url in ["", "a.example", "ftp://a.example", "http://"] {
            assert!(Address::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn names_are_encoded_in_paths() {
        let question = Question::get(&["users", "Zoë/1", "password"]);
        assert_eq!(path_of(&question), "/quintet/v1/users/Zo%C3%AB%2F1/password");
    }
}

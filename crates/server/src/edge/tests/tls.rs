//! Encryption, and a certificate that is renewed under way.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::house::{Wish, connect};
use crate::config::Config;
use crate::serve::{Running, StartError, bind};

/// A certificate and its key, in files.
struct Certificate {
    directory: TempDir,
}

impl Certificate {
    fn make() -> Self {
        let made = Self { directory: tempfile::tempdir().unwrap() };
        made.renew();
        made
    }

    /// Writes a fresh one.
    fn renew(&self) {
        let fresh = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(self.path("cert.pem"), fresh.cert.pem()).unwrap();
        std::fs::write(self.path("key.pem"), fresh.signing_key.serialize_pem()).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn configure(&self, config: &mut Config) {
        config.tls.certificate = Some(self.path("cert.pem"));
        config.tls.key = Some(self.path("key.pem"));
    }

    /// A client that trusts what is in the file now, and nothing else.
    fn client(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.path("cert.pem")).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
    }
}

async fn handshake(running: &Running, client: &TlsConnector) -> std::io::Result<TlsStream<tokio::net::TcpStream>> {
    client.connect(ServerName::try_from("localhost").unwrap(), connect(running).await).await
}

#[tokio::test]
async fn requests_and_sockets_go_through_tls() {
    let certificate = Certificate::make();
    let running = Wish::config(|config| certificate.configure(config)).serve().await;
    assert!(running.origin().0.starts_with("https://localhost:"));
    let mut stream = handshake(&running, &certificate.client()).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut status = [0; 15];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200 OK");

    let mut socket = handshake(&running, &certificate.client()).await.unwrap();
    let knock = b"GET /websocket HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                  sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.write_all(knock).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101 "));
    assert_eq!(socket.read_u8().await.unwrap(), 0x81, "Jac's first frame");
}

#[tokio::test]
async fn a_renewed_certificate_is_taken_up() {
    let certificate = Certificate::make();
    let running = Wish::config(|config| certificate.configure(config)).serve().await;
    let before = certificate.client();
    certificate.renew();
    let after = certificate.client();
    assert!(handshake(&running, &after).await.is_err(), "not yet");
    running.reload_tls().unwrap();
    assert!(handshake(&running, &after).await.is_ok());
    assert!(handshake(&running, &before).await.is_err());
    std::fs::write(certificate.path("cert.pem"), "broken").unwrap();
    assert!(running.reload_tls().is_err());
    assert!(handshake(&running, &after).await.is_ok(), "the old one stays in use");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_keeps_the_server_from_starting() {
    let certificate = Certificate::make();
    for (name, content) in [("cert.pem", ""), ("key.pem", ""), ("key.pem", "broken")] {
        certificate.renew();
        std::fs::write(certificate.path(name), content).unwrap();
        let mut config = Config::default();
        config.house.listen = crate::config::Listen::new("127.0.0.1", 0);
        certificate.configure(&mut config);
        assert!(matches!(bind(&config).await, Err(StartError::Tls(_))), "{name} {content}");
    }
}

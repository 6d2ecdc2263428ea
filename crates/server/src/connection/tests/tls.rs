//! The same within TLS.

use quintet_hub::Outlet;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsAcceptor, TlsConnector, client};

use super::peer::frame;
use super::*;

type Client = client::TlsStream<TcpStream>;

/// Both ends of a TLS connection, with a certificate of its own.
async fn secured() -> (Client, Stream) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = certified.cert.der().clone();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (near, far) = sockets().await;
    let name = ServerName::try_from("localhost").unwrap();
    let (client, server) = tokio::join!(
        TlsConnector::from(Arc::new(client)).connect(name, near),
        TlsAcceptor::from(Arc::new(server)).accept(far)
    );
    (client.unwrap(), Stream::Tls(Box::new(server.unwrap().into())))
}

async fn hear(client: &mut Client, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    client.read_exact(&mut bytes).await.unwrap();
    bytes
}

#[tokio::test]
async fn messages_and_the_close_pass_through_tls() {
    let (mut client, stream) = secured().await;
    let (connections, line, _calls, task) = run(stream, Wish::default(), echo);
    client.write_all(&frame(0x81, b"hello")).await.unwrap();
    assert_eq!(hear(&mut client, 7).await, b"\x81\x05hello");
    line.write(&[Frame::text("pushed").as_bytes().clone()]);
    assert_eq!(hear(&mut client, 8).await, b"\x81\x06pushed");
    client.write_all(&frame(0x88, b"\x03\xe8")).await.unwrap();
    assert_eq!(hear(&mut client, 4).await, b"\x88\x02\x03\xe8");
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0, "the end is announced, not an error");
    drop(client);
    task.await.unwrap();
    assert_eq!(connections.count(), 0);
}

#[tokio::test]
async fn a_large_message_passes_through_tls() {
    let (client, stream) = secured().await;
    let (connections, _line, _calls, _task) = run(stream, Wish::default(), echo);
    let payload: Vec<u8> = (0..3_u32 << 20).map(|n| (n % 251).to_be_bytes()[3]).collect();
    let sent = frame(0x82, &payload);
    let (mut read, mut write) = tokio::io::split(client);
    let writing = tokio::spawn(async move { write.write_all(&sent).await.map(|()| write) });
    let mut echoed = vec![0; payload.len() + 10];
    read.read_exact(&mut echoed).await.unwrap();
    assert!(echoed[10..] == payload);
    assert_eq!(connections.queue_bytes(), 0);
    drop(writing.await.unwrap().unwrap());
}

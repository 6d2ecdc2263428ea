//! Within TLS, with certificates of a test's own.

use std::sync::Arc;

use quintet_core::federation::host::Reach;
use quintet_core::{Kind, Limits};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;

use super::house::{House, Names, gate, head, json};

/// A house with a certificate for this name, and that certificate.
async fn house(name: &str) -> (House, CertificateDer<'static>) {
    let certified = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = certified.cert.der().clone();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let house = House::with(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            // Whoever does not believe us ends the handshake.
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            head(&mut stream).await;
            stream.write_all(json("{}").as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (house.await, certificate)
}

#[tokio::test]
async fn a_house_is_who_its_certificate_says() {
    let (house, certificate) = house("a.example").await;
    let names = || Names::of(&[("a.example", &[&["127.0.0.1"]]), ("b.example", &[&["127.0.0.1"]])]);
    let fetch = async |name: &str, roots: RootCertStore| {
        let gate = gate(&Limits::default(), Reach::Loopback, names(), roots);
        gate.fetch(&format!("https://{name}:{}/", house.port), vec![]).await
    };
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    assert_eq!(fetch("a.example", roots.clone()).await.unwrap().body, b"{}");
    assert_eq!(fetch("b.example", roots).await.unwrap_err().kind(), Kind::Unavailable, "another's certificate");
    assert_eq!(fetch("a.example", RootCertStore::empty()).await.unwrap_err().kind(), Kind::Unavailable, "nobody's");
}

//! Trust: which certificates are believed where this server is the one that connects.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use crate::edge::TlsError;

/// The certificates that the system believes. `purpose` is what fails without any, for the log.
pub(crate) fn system_roots(purpose: &str) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let (good, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if good == 0 {
        tracing::warn!("the system has no certificates to believe: {purpose} over https will fail");
    }
    roots
}

/// The certificates in a file, as PEM.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |source| TlsError::Read { what: "certificates", path: path.to_owned(), source };
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = read.map_err(wrong)?;
    if found.is_empty() {
        return Err(TlsError::Empty(path.to_owned()));
    }
    Ok(found)
}

/// How to speak TLS to whoever shows a certificate of these.
pub(crate) fn client(roots: RootCertStore) -> ClientConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider speaks the versions that are safe")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

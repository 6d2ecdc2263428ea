//! `[tls]`: encryption.

use std::path::PathBuf;

section! {
    /// Encryption. With both files set, the server speaks HTTPS only; SIGHUP makes it read them again.
    Tls in "tls", at tls {
        /// The certificate chain, as a PEM file, the server's own first.
        certificate: Option<PathBuf> = None;
        /// The private key of the certificate, as a PEM file.
        key: Option<PathBuf> = None;
    }
}

//! `[federation]`: other houses.

use std::path::PathBuf;

section! {
    /// Federation: other servers that users here can follow and talk with. There is none unless others reach this server under an https origin.
    Federation in "federation", at federation {
        /// Whether this server federates.
        enabled: bool = true;
        /// Whether any server may be a peer, but for those that `quintet peers block` names; else those only that `quintet peers allow` names.
        open: bool = true;
        /// Whether followers wait until whom they follow lets them in (`quintet followers`).
        manual_approval: bool = false;
        /// Whether `/.well-known/` document has nothing that strict readers of Versia 0.5 refuse; then servers of 0.6 do not find this one by it.
        strict_metadata: bool = false;
        /// Whether servers on this very machine may be peers, without TLS: for tests and trials. Only for a server that listens on loopback.
        loopback: bool = false;
        /// Certificate authorities to believe of other servers besides those that the system believes, as a PEM file: for private networks. Private
        /// addresses stay closed.
        roots: Option<PathBuf> = None;
    }
}

//! Verifying: whether a signature of another house holds (versia.md, section 1.4). Cheap looks come first, and nothing is fetched before.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use quintet_core::federation::{Signed, Signer, Verified};
use quintet_core::{Error, Kind, Timestamp};

use super::inquiries::is_short;
use super::profiles::Whom;
use super::{Federation, replay};

impl Federation {
    /// Whether a signature holds. `may_ask` is asked before a key is fetched for it. Errors are those of
    /// [`quintet_core::federation::Ask::Verify`].
    pub(crate) async fn verify(
        self: &Arc<Self>,
        signed: Signed,
        may_ask: impl Fn() -> Result<(), Error>,
    ) -> Result<Verified, Error> {
        let now = self.now();
        self.must_be_timely(signed.signed_at, now)?;
        self.must_be_a_peer(&signed.signer)?;
        let known = |text: &String| {
            let digest = replay::digest(&signed.signature, &signed.signer, text);
            self.replay.knows(&digest, now).then_some(digest)
        };
        if let Some(digest) = signed.once.then(|| signed.texts.iter().find_map(known)).flatten() {
            return Ok(verified(signed, digest, true));
        }
        let whom = Whom::of(&signed.signer);
        let found = self.key_of(&whom, &may_ask).await?;
        let Signed { signer, signed_at, signature, texts, once } = signed;
        let mut held = self.signatures.which(&found.key, &signature, texts).await?;
        // A key that was fetched for this very message is as new as one can be.
        if held.which.is_none()
            && found.at < now
            && let Some(newer) = self.newer_key(&whom, &found.key, &may_ask).await?
        {
            held = self.signatures.which(&newer, &signature, held.texts).await?;
        }
        let text = held.which.and_then(|place| held.texts.get(place)).ok_or_else(|| {
            Error::unauthenticated("the signature does not hold: no match with the signer's key as it is now")
        })?;
        let digest = replay::digest(&signature, &signer, text);
        let signed = Signed { signer, signed_at, signature, texts: Vec::new(), once };
        Ok(verified(signed, digest, false))
    }

    fn must_be_timely(&self, signed_at: Timestamp, now: Timestamp) -> Result<(), Error> {
        let (seconds, window) = (now.seconds().abs_diff(signed_at.seconds()), self.limits.signature_window_seconds);
        if seconds <= window {
            return Ok(());
        }
        let public =
            format!("signed {seconds} seconds from now by this server's clock, more than {window}: check your clock");
        Err(Error::new(Kind::Stale, public))
    }

    /// Another house than this, with which this one speaks.
    fn must_be_a_peer(&self, signer: &Signer) -> Result<(), Error> {
        if self.tongue.host() == Some(signer.host()) {
            return Err(Error::bad_message("the signer is of this very server"));
        }
        if let Signer::User(address) = signer
            && !is_short(&address.key)
        {
            return Err(Error::bad_message("the signer's address is too long"));
        }
        self.must_be_welcome(signer.host())
    }
}

fn verified(signed: Signed, digest: [u8; 32], known: bool) -> Verified {
    let signature = BASE64_STANDARD.encode(signed.signature).into();
    Verified { signer: signed.signer, signed_at: signed.signed_at, digest, known, signature }
}

//! The signature of a call: Standard Webhooks, symmetric, `v1`.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::config::SigningKey;

/// Signs with one key.
pub(super) struct Signer {
    key: hmac::Key,
}

impl Signer {
    /// A signer with this key.
    pub(super) fn new(key: &SigningKey) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key.expose()) }
    }

    /// The header `webhook-signature` of a body: `v1,` and the HMAC-SHA256 of id, time (seconds since the Unix epoch) and body, joined by dots, as base64.
    pub(super) fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let mut signing = hmac::Context::with_key(&self.key);
        signing.update(format!("{id}.{seconds}.").as_bytes());
        signing.update(body);
        format!("v1,{}", STANDARD.encode(signing.sign()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the scheme's own documentation and reference libraries.
    #[test]
    fn it_signs_as_the_scheme_does() {
        let signer = Signer::new(&SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let signature = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}

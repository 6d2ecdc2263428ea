//! Tokens: signed statements of who somebody is, good in every room (JWT, RFC 7519; `EdDSA`, RFC 8037).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quintet_core::identity::Secret;
use quintet_core::{Error, Id, Identity, Timestamp, User};
use serde::{Deserialize, Serialize};

use crate::directory::Directory;

/// The name under which the store keeps the seed of the signing key.
pub const KEY_NAME: &str = "token-signing-key";

/// Who issues them. The same wherever the server is reached from, so that a new address ends no session.
const ISSUER: &str = "quintet";

/// Longer than any token of ours: a name of 256 bytes, escaped and encoded, and the rest.
const TOKEN_BYTES: usize = 4_096;

/// How far ahead of our clock a token may have been issued: for a clock that was set back a little.
const SKEW_SECONDS: i64 = 60;

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// The username when it was issued; for other services to read.
    sub: String,
    /// The user's number, which decides.
    id: u64,
    /// The token generation of the user's account.
    #[serde(rename = "gen")]
    generation: u32,
    /// Seconds since the Unix epoch.
    iat: i64,
    /// Seconds since the Unix epoch.
    exp: i64,
    iss: String,
    /// Makes each token its own, even within one second.
    jti: String,
}

/// Signs and checks tokens with the key of this house.
pub struct Tokens {
    header: Header,
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    jwks: String,
}

impl Tokens {
    /// With the Ed25519 key of this seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        let public = SigningKey::from_bytes(seed).verifying_key().to_bytes();
        let kid = URL_SAFE_NO_PAD.encode(&public[..9]);
        Self {
            header: Header { kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) },
            signing: EncodingKey::from_ed_der(&pkcs8(seed)),
            checking: DecodingKey::from_ed_der(&public),
            validation: validation(),
            jwks: jwks(&kid, &public),
        }
    }

    /// The public half of the key as a JSON Web Key Set (RFC 7517), by which others can check our tokens.
    pub fn jwks(&self) -> &str {
        &self.jwks
    }

    /// A token for a user, with its end. The end is a whole second, at least one away.
    pub fn issue(
        &self,
        user: &User,
        generation: u32,
        now: Timestamp,
        ttl: Duration,
    ) -> Result<(Secret, Timestamp), Error> {
        let iat = now.seconds();
        let exp = iat.saturating_add(i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX).clamp(1, MAX_TTL_SECONDS));
        let claims = Claims {
            sub: user.username.clone(),
            id: user.id.get(),
            generation,
            iat,
            exp,
            iss: ISSUER.to_owned(),
            jti: format!("{:016x}", getrandom::u64().map_err(Error::internal)?),
        };
        let token = jsonwebtoken::encode(&self.header, &claims, &self.signing).map_err(Error::internal)?;
        Ok((Secret::new(token), Timestamp::from_millis(exp.saturating_mul(1000))))
    }

    /// Whose token this is. `Unauthenticated` for whatever is wrong with it, or with the user.
    pub fn identify(&self, token: &Secret, directory: &Directory, now: Timestamp) -> Result<Identity, Error> {
        let claims = self.read(token)?;
        if claims.exp <= now.seconds() {
            return Err(Error::unauthenticated("the token has expired, log in again"));
        }
        if claims.iat > now.seconds() + SKEW_SECONDS {
            return Err(invalid());
        }
        let id = Id::new(claims.id).ok_or_else(invalid)?;
        let standing = directory.standing(id).ok_or_else(invalid)?;
        if standing.disabled {
            return Err(Error::unauthenticated("the account is disabled, ask an admin"));
        }
        if standing.generation != claims.generation {
            return Err(Error::unauthenticated("the token was ended, log in again"));
        }
        Ok(Identity::User(id))
    }

    fn read(&self, token: &Secret) -> Result<Claims, Error> {
        let token = token.expose();
        if token.len() > TOKEN_BYTES {
            return Err(invalid());
        }
        let data = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation);
        data.map(|data| data.claims).map_err(|error| invalid().because(error))
    }
}

/// A hundred years: the end stays a date that every client can read.
const MAX_TTL_SECONDS: i64 = 100 * 366 * 86_400;

fn invalid() -> Error {
    Error::unauthenticated("the token is not valid here, log in again")
}

/// Signature, algorithm and issuer. Time is checked here, against the house's clock and not the library's.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["exp", "iss", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation
}

/// The seed as a PKCS #8 version 1 private key (RFC 8410 section 7).
fn pkcs8(seed: &[u8; 32]) -> Vec<u8> {
    const HEAD: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    [&HEAD[..], seed].concat()
}

fn jwks(kid: &str, public: &[u8; 32]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public);
    let key = serde_json::json!({
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x,
    });
    serde_json::json!({ "keys": [key] }).to_string()
}

#[cfg(test)]
mod tests;

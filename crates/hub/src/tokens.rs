//! Tokens: signed statements of who somebody is, good in every room (JWT, RFC 7519; `EdDSA`, RFC 8037).

mod workers;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quintet_core::identity::Secret;
use quintet_core::{Error, Id, Identity, Timestamp, User};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

pub(crate) use self::workers::{PREFIX as WORKER_PREFIX, WorkerKey, WorkerKeys};
use crate::directory::Directory;

/// The name under which the store keeps the seed of the signing key.
pub const KEY_NAME: &str = "token-signing-key";

/// Who issues them. The same wherever the server is reached from, so that a new address ends no session.
const ISSUER: &str = "quintet";

/// Longer than any token of ours: a name of 256 bytes, escaped and encoded, and the rest.
const TOKEN_BYTES: usize = 4_096;

/// How far ahead of our clock a token may have been issued: for a clock that was set back a little.
const SKEW_SECONDS: i64 = 60;

/// For whom workers' tokens are: whoever checks our users' tokens elsewhere has to refuse those of another audience (RFC 7519, section 4.1.3).
const WORKERS: &str = "worker";

/// What stands before the name in a worker's token, so that it is nobody's username.
const WORKER: &str = "worker:";

/// What a token says.
#[derive(Deserialize)]
#[serde(untagged)]
enum Statement {
    /// It has an audience, which no user's token has.
    Worker(WorkerClaims),
    User(Claims),
}

/// What a worker's token says.
#[derive(Debug, Serialize, Deserialize)]
struct WorkerClaims {
    /// [`WORKER`] and the name.
    sub: String,
    /// [`WORKERS`].
    aud: String,
    /// The key of the name's tokens: see [`WorkerKey`].
    key: String,
    /// Seconds since the Unix epoch.
    iat: i64,
    /// Seconds since the Unix epoch; without it, it holds until its key is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    iss: String,
    /// Makes each token its own, even within one second.
    jti: String,
}

/// What a user's token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// The username when it was issued; for other services to read.
    sub: String,
    /// For nobody in particular.
    #[serde(default, skip_serializing)]
    aud: Option<IgnoredAny>,
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
    workers: WorkerKeys,
}

impl Tokens {
    /// With the Ed25519 key of this seed, and the keys of workers' tokens.
    pub(crate) fn new(seed: &[u8; 32], workers: WorkerKeys) -> Self {
        let public = SigningKey::from_bytes(seed).verifying_key().to_bytes();
        let kid = URL_SAFE_NO_PAD.encode(&public[..9]);
        Self {
            header: Header { kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) },
            signing: EncodingKey::from_ed_der(&pkcs8(seed)),
            checking: DecodingKey::from_ed_der(&public),
            validation: validation(),
            jwks: jwks(&kid, &public),
            workers,
        }
    }

    /// The keys of workers' tokens.
    pub(crate) fn workers(&self) -> &WorkerKeys {
        &self.workers
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
        let (iat, exp) = (now.seconds(), end(now, ttl));
        let claims = Claims {
            sub: user.username.clone(),
            aud: None,
            id: user.id.get(),
            generation,
            iat,
            exp,
            iss: ISSUER.to_owned(),
            jti: unique()?,
        };
        Ok((self.sign(&claims)?, Timestamp::from_millis(exp.saturating_mul(1000))))
    }

    /// A token for workers of this name, for `ttl` or until the name's tokens are ended.
    pub fn issue_for_worker(&self, name: &str, now: Timestamp, ttl: Option<Duration>) -> Result<Secret, Error> {
        self.sign(&WorkerClaims {
            sub: format!("{WORKER}{name}"),
            aud: WORKERS.to_owned(),
            key: self.workers.of(name),
            iat: now.seconds(),
            exp: ttl.map(|ttl| end(now, ttl)),
            iss: ISSUER.to_owned(),
            jti: unique()?,
        })
    }

    fn sign(&self, claims: &impl Serialize) -> Result<Secret, Error> {
        jsonwebtoken::encode(&self.header, claims, &self.signing).map(Secret::new).map_err(Error::internal)
    }

    /// Whose token this is. `Unauthenticated` for whatever is wrong with it, or with the user.
    pub fn identify(&self, token: &Secret, directory: &Directory, now: Timestamp) -> Result<Identity, Error> {
        match self.read(token)? {
            Statement::Worker(claims) => self.worker(&claims, now),
            Statement::User(claims) => user(&claims, directory, now),
        }
    }

    fn worker(&self, claims: &WorkerClaims, now: Timestamp) -> Result<Identity, Error> {
        if claims.exp.is_some_and(|exp| exp <= now.seconds()) {
            return Err(Error::unauthenticated("the worker's token has expired, ask an admin for another"));
        }
        let name = claims.sub.strip_prefix(WORKER).ok_or_else(invalid)?;
        if claims.aud != WORKERS || claims.iat > now.seconds() + SKEW_SECONDS {
            return Err(invalid());
        }
        if !self.workers.holds(name, &claims.key) {
            return Err(Error::unauthenticated("the worker's token was ended, ask an admin for another"));
        }
        Ok(Identity::Worker(name.into()))
    }

    fn read(&self, token: &Secret) -> Result<Statement, Error> {
        let token = token.expose();
        if token.len() > TOKEN_BYTES {
            return Err(invalid());
        }
        let data = jsonwebtoken::decode::<Statement>(token, &self.checking, &self.validation);
        data.map(|data| data.claims).map_err(|error| invalid().because(error))
    }
}

/// A hundred years: the end stays a date that every client can read.
const MAX_TTL_SECONDS: i64 = 100 * 366 * 86_400;

/// When a token ends: after a second at the least.
fn end(now: Timestamp, ttl: Duration) -> i64 {
    let seconds = i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX).clamp(1, MAX_TTL_SECONDS);
    now.seconds().saturating_add(seconds)
}

fn unique() -> Result<String, Error> {
    Ok(format!("{:016x}", getrandom::u64().map_err(Error::internal)?))
}

fn user(claims: &Claims, directory: &Directory, now: Timestamp) -> Result<Identity, Error> {
    if claims.exp <= now.seconds() {
        return Err(Error::unauthenticated("the token has expired, log in again"));
    }
    if claims.aud.is_some() || claims.iat > now.seconds() + SKEW_SECONDS {
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

fn invalid() -> Error {
    Error::unauthenticated("the token is not valid here, log in again")
}

/// Signature, algorithm and issuer. Time is checked here, against the house's clock and not the library's, and so is for whom it is.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.set_required_spec_claims(&["iss", "sub"]);
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

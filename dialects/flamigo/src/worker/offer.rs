//! Offers: the procedures that a worker runs, as it registers them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use quintet_core::error::FieldError;
use quintet_core::limits::size;
use quintet_core::payload::{Payload, text, whole};
use quintet_core::procedure::{Claim, Interface, Offer, check_name};
use quintet_core::{Error, Limits};
use serde_json::value::RawValue;

/// Calls that a worker takes at once where it does not say how many.
const CALLS: u64 = 64;

/// Reads `worker::register`: what is offered, and how many calls the connection takes at once.
pub(crate) fn read(payload: &RawValue, limits: &Limits) -> Result<(Vec<Offer>, u32), Error> {
    // What is kept for as long as the connection lives, and takes several times as much memory once it is read.
    if payload.get().len() > size(limits.worker_registration_bytes) {
        let most = limits.worker_registration_bytes;
        return Err(Error::too_large(format!("a registration may have {most} bytes at most, describe less")));
    }
    let mut fields = Payload::of(payload);
    let calls = fields.count("calls");
    fields.required("procedures", "array-of-object", Some);
    let mut names = HashSet::new();
    let offers =
        fields.items("procedures", "object", |raw, path| offer(raw, path, limits, &mut names)).unwrap_or_default();
    fields.check()?;
    if offers.len() > size(limits.worker_procedures) {
        return Err(Error::too_many(format!("a worker may run {} procedures at most", limits.worker_procedures)));
    }
    let calls = calls.unwrap_or(CALLS).min(limits.worker_calls);
    Ok((offers, u32::try_from(calls).unwrap_or(u32::MAX)))
}

fn offer(raw: &RawValue, path: &str, limits: &Limits, names: &mut HashSet<Arc<str>>) -> Result<Offer, Vec<FieldError>> {
    let mut fields = Payload::within(path, raw);
    let name: Option<Arc<str>> = fields.text("name").map(Into::into);
    if let Some(Err(error)) = name.as_ref().map(|name| check_name(name, false)) {
        fields.wrong_because("name", error.public());
    }
    if name.as_ref().is_some_and(|name| !names.insert(Arc::clone(name))) {
        fields.wrong("name", "unique");
    }
    let claims = fields.items("claims", "text", |raw, path| claim(raw).ok_or_else(|| vec![claims_are(path)]));
    let mut offer = Offer::new(name.unwrap_or_default());
    offer.claims = claims.unwrap_or(offer.claims);
    let longest = limits.procedure_longest_seconds.saturating_mul(1_000);
    offer.timeout = fields
        .optional("timeoutMs", &format!("1-{longest}"), |raw| {
            whole(raw).filter(|timeout| (1..=longest).contains(timeout))
        })
        .map(Duration::from_millis);
    offer.concurrency = fields.count("concurrency").map(|at_once| u32::try_from(at_once).unwrap_or(u32::MAX));
    offer.idempotent = fields.flag("idempotent").unwrap_or_default();
    let description = |raw| text(raw).filter(|text| text.len() <= size(limits.description_bytes)).map(Into::into);
    offer.description =
        fields.optional("description", &format!("text-up-to-{}-bytes", limits.description_bytes), description);
    offer.interface = fields.optional("interface", "kind-and-spec", interface);
    let wrong = fields.into_wrong();
    if wrong.is_empty() { Ok(offer) } else { Err(wrong) }
}

fn claim(raw: &RawValue) -> Option<Claim> {
    text(raw)?.parse().ok()
}

fn claims_are(path: &str) -> FieldError {
    FieldError::one_of(
        path,
        &["authenticated", "unauthenticated", "websocket", "not-websocket", "of-type:KIND", "admin"],
    )
}

fn interface(raw: &RawValue) -> Option<Interface> {
    #[derive(serde::Deserialize)]
    struct Wire {
        kind: String,
        #[serde(default)]
        spec: serde_json::Value,
    }
    let Wire { kind, spec } = serde_json::from_str(raw.get()).ok()?;
    (!kind.is_empty()).then(|| Interface { kind: kind.into(), spec: Arc::new(spec) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<(Vec<Offer>, u32), Error> {
        read(serde_json::from_str(json).unwrap(), &Limits::default())
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        let (offers, calls) = parsed(r#"{"procedures":[{"name":"add"}]}"#).unwrap();
        assert_eq!((offers, calls), (vec![Offer::new("add")], 64));
        assert_eq!(parsed(r#"{"procedures":[],"calls":99999999999}"#).unwrap(), (Vec::new(), 1_024));
    }

    #[test]
    fn a_registration_is_bounded() {
        let json = r#"{"procedures":[{"name":"add"}]}"#;
        let within = |bytes: usize| {
            read(
                serde_json::from_str(json).unwrap(),
                &Limits { worker_registration_bytes: bytes as u64, ..Limits::default() },
            )
        };
        assert!(within(json.len()).is_ok());
        assert_eq!(within(json.len() - 1).unwrap_err().status(), 413);
    }

    #[test]
    fn everything_that_can_be_said_is_read() {
        let (offers, calls) = parsed(
            r#"{"calls":2,"procedures":[{"name":"orders:create","claims":["admin","of-type:http"],"timeoutMs":1500,
            "concurrency":3,"idempotent":true,"description":"makes one","interface":{"kind":"walker","spec":{"auth":true}}}]}"#,
        )
        .unwrap();
        let spec = Arc::new(serde_json::json!({"auth": true}));
        let wanted = Offer {
            name: "orders:create".into(),
            claims: vec![Claim::Admin, Claim::OfType("http".into())],
            timeout: Some(Duration::from_millis(1_500)),
            concurrency: Some(3),
            idempotent: true,
            description: Some("makes one".into()),
            interface: Some(Interface { kind: "walker".into(), spec }),
        };
        assert_eq!((offers, calls), (vec![wanted], 2));
        let (open, _) = parsed(r#"{"procedures":[{"name":"x","claims":[]}]}"#).unwrap();
        assert!(open[0].claims.is_empty(), "none at all is another thing than none said");
    }

    #[test]
    fn whatever_is_wrong_is_named_by_its_path() {
        for (json, wanted) in [
            ("{}", vec!["procedures is required"]),
            (r#"{"procedures":{}}"#, vec!["procedures failed for array-of-object"]),
            (r#"{"procedures":[],"calls":0}"#, vec!["calls failed for positive"]),
            (r#"{"procedures":[7]}"#, vec!["procedures.0 failed for object"]),
            (r#"{"procedures":[{}]}"#, vec!["procedures.0.name is required"]),
            (
                r#"{"procedures":[{"name":"a b"}]}"#,
                vec![
                    r#"procedures.0.name: "a b" is no name for a procedure: use parts joined by single colons, as in orders:create"#,
                ],
            ),
            (
                r#"{"procedures":[{"name":"a:*"}]}"#,
                vec![
                    r#"procedures.0.name: "a:*" is no name for a procedure: use parts joined by single colons, as in orders:create"#,
                ],
            ),
            (r#"{"procedures":[{"name":"a"},{"name":"a"}]}"#, vec!["procedures.1.name failed for unique"]),
            (
                r#"{"procedures":[{"name":"a","claims":["root"]}]}"#,
                vec![
                    "procedures.0.claims.0 must be one of authenticated,unauthenticated,websocket,not-websocket,of-type:KIND,admin",
                ],
            ),
            (
                r#"{"procedures":[{"name":"a","timeoutMs":0,"concurrency":-1,"idempotent":"yes","interface":{}}]}"#,
                vec![
                    "procedures.0.timeoutMs failed for 1-3600000",
                    "procedures.0.concurrency failed for positive",
                    "procedures.0.idempotent failed for boolean",
                    "procedures.0.interface failed for kind-and-spec",
                ],
            ),
        ] {
            let error = parsed(json).unwrap_err();
            let told: Vec<_> = error.fields().iter().map(|field| field.error.as_str()).collect();
            assert_eq!(told, wanted, "{json}");
        }
    }
}

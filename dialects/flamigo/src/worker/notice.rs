//! Notices: what a worker has the house tell others, verbatim.

use quintet_core::error::FieldError;
use quintet_core::limits::size;
use quintet_core::{Body, Error, Id, Limits, Topic};
use serde_json::value::RawValue;

use crate::wire::command::text;
use crate::wire::fields::{Fields, id};

/// Reads `app::notify`: where it is heard, each place once, and what.
pub(crate) fn read(payload: &RawValue, limits: &Limits) -> Result<(Vec<Topic>, Body), Error> {
    let mut fields = Fields::of(payload)?;
    let lists = [
        fields.list("users", |raw, path| named(user(raw), path, "id").map(Topic::user)),
        fields.list("channels", |raw, path| named(text(raw), path, "string").map(|name| Topic::channel(&name))),
        fields.list("clients", |raw, path| named(text(raw), path, "string").map(|name| Topic::client(&name))),
        fields.list("rooms", |raw, path| named(id(raw), path, "id").map(Topic::room)),
    ];
    let data = fields.required("data", "object", |raw| raw.get().starts_with('{').then(|| raw.get().into()));
    fields.check()?;
    let mut topics: Vec<_> = lists.into_iter().flatten().flatten().collect();
    if topics.len() > size(limits.publish_targets) {
        return Err(Error::too_many(format!("at most {} targets at once", limits.publish_targets)));
    }
    let mut seen = std::collections::HashSet::with_capacity(topics.len());
    topics.retain(|topic| seen.insert(topic.clone()));
    Ok((topics, Body::Notice(data.unwrap_or_default())))
}

fn named<T>(name: Option<T>, path: &str, rule: &str) -> Result<T, Vec<FieldError>> {
    name.ok_or_else(|| vec![FieldError::failed(path, rule)])
}

/// A user by number, or by the root of its graph in Jac: `n::` and 24 hexadecimal digits.
fn user(raw: &RawValue) -> Option<Id> {
    match text(raw).as_deref().and_then(|text| text.strip_prefix("n::")) {
        Some(digits) if digits.len() == 24 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => {
            // One that no user of this house can have is unknown, not wrong: nobody hears it.
            let number = u128::from_str_radix(digits, 16).ok()?;
            Some(u64::try_from(number).ok().and_then(Id::new).unwrap_or(Id::HOUSE))
        }
        Some(_) => None,
        None => id(raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<(Vec<Topic>, Body), Error> {
        let limits = Limits { publish_targets: 6, ..Limits::default() };
        read(serde_json::from_str(json).unwrap(), &limits)
    }

    #[test]
    fn every_target_is_named_once() {
        let (topics, body) = parsed(
            r#"{"users":["4097",4097,"n::000000000000000000001001"],"channels":["a/b"],"clients":["c-1"],"rooms":[5000],"data":{"x": 1.0}}"#,
        )
        .unwrap();
        let paths: Vec<_> = topics.iter().map(Topic::as_str).collect();
        assert_eq!(paths, ["user/4097", "channel/a%2Fb", "client/c-1", "room/5000"]);
        assert_eq!(body, Body::Notice(r#"{"x": 1.0}"#.into()));
        assert!(parsed(r#"{"data":{}}"#).unwrap().0.is_empty());
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        for (json, wanted) in [
            ("{}", "data is required"),
            (r#"{"data":[]}"#, "data failed for object"),
            (r#"{"data":{},"users":"4097"}"#, "users failed for array"),
            (r#"{"data":{},"users":["n::1"]}"#, "users.0 failed for id"),
            (r#"{"data":{},"rooms":[1,"x"]}"#, "rooms.1 failed for id"),
            (r#"{"data":{},"channels":[7]}"#, "channels.0 failed for string"),
        ] {
            assert_eq!(parsed(json).unwrap_err().public(), wanted, "{json}");
        }
        assert_eq!(parsed(r#"{"data":{},"users":[1,2,3,4,5,6,7]}"#).unwrap_err().status(), 429);
    }
}

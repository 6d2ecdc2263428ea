//! Procedures that say what is not kept.

use quintet_core::procedure::Outcome;
use quintet_core::{Body, Error, Id, Topic};
use serde_json::value::RawValue;

use super::payload::{self, Payload};
use super::{Asker, success};

/// `{topic, payload?}` → `{success}`: a message at a topic whose parts are joined by slashes, under its own name.
pub(super) fn publish(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let said = payload.raw("payload").map_or("null", RawValue::get);
    let topic = payload.text("topic");
    let name = payload.all(topic)?;
    let topic = Topic::of(&name.split('/').collect::<Vec<_>>());
    asker.publish(vec![topic], Body::Message { name: name.into(), payload: said.into() })?;
    success()
}

/// `{users?, channels?, clients?, rooms?, data}` → `{success}`: an object, verbatim, to all of them. Admins, workers and the house only.
pub(super) fn notify(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    asker.must_be_admin()?;
    let mut topics = payload.list("users", |user| user_number(user).map(Topic::user));
    topics.extend(payload.list("channels", |name| Some(Topic::channel(&payload::text(name)?))));
    topics.extend(payload.list("clients", |name| Some(Topic::client(&payload::text(name)?))));
    topics.extend(payload.list("rooms", |room| payload::id(room).map(Topic::room)));
    let data = payload.object("data");
    let data = payload.all(data)?;
    asker.publish(topics, Body::Notice(data.get().into()))?;
    success()
}

/// A user by number, or by Jac's name for its root: `n::` and 24 hexadecimal digits (jac-cloud.md, section 2).
fn user_number(value: &RawValue) -> Option<Id> {
    let root = payload::text(value).and_then(|text| {
        let digits = text
            .strip_prefix("n::")
            .filter(|digits| digits.len() == 24 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        Id::new(u64::from_str_radix(digits, 16).ok()?)
    });
    root.or_else(|| payload::id(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_named_by_number_or_root() {
        let table = [
            ("4097", Some(4097)),
            (r#""4097""#, Some(4097)),
            (r#""n::000000000000000000001001""#, Some(4097)),
            (r#""n::1001""#, None),
            (r#""n::+00000000000000000001001""#, None),
            (r#""n::ffffffffffffffffffffffff""#, None),
            ("{}", None),
        ];
        for (json, expected) in table {
            let value = RawValue::from_string(json.to_owned()).unwrap();
            assert_eq!(user_number(&value).map(Id::get), expected, "{json}");
        }
    }
}

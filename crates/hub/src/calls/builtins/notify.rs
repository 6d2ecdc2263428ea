//! Procedures that say what is not kept.

use std::collections::HashSet;

use quintet_core::payload::{self, Payload};
use quintet_core::procedure::Outcome;
use quintet_core::{Body, Error, Id, Topic};
use serde_json::value::RawValue;

use super::{Asker, success};

/// `{topic, payload?}` → `{success}`: a message at a topic whose parts are joined by slashes, under its own name.
pub(super) fn publish(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    let said = payload.any("payload").get();
    let topic = payload.text("topic");
    let name = payload.all(topic)?;
    let topic = Topic::of_path(&name);
    asker.publish(vec![topic], Body::Message { name: name.into(), payload: said.into() })?;
    success()
}

/// `{users?, channels?, clients?, rooms?, data}` → `{success}`: an object, verbatim, to all of them, each once. Admins, workers and the house only.
pub(super) fn notify(asker: &Asker<'_>, mut payload: Payload<'_>) -> Result<Outcome, Error> {
    asker.must_be_admin()?;
    let lists = [
        payload.list("users", "number", |user| user_number(user).map(Topic::user)),
        payload.list("channels", "text", |name| Some(Topic::channel(&payload::text(name)?))),
        payload.list("clients", "text", |name| Some(Topic::client(&payload::text(name)?))),
        payload.list("rooms", "number", |room| payload::id(room).map(Topic::room)),
    ];
    let mut topics: Vec<_> = lists.into_iter().flatten().flatten().collect();
    let data = payload.object("data");
    let data = payload.all(data)?;
    let mut seen = HashSet::with_capacity(topics.len());
    topics.retain(|topic| seen.insert(topic.clone()));
    if !topics.is_empty() {
        asker.publish(topics, Body::Notice(data.get().into()))?;
    }
    success()
}

/// A user by number, or by Jac's name for its root: `n::` and 24 hexadecimal digits (jac-cloud.md, section 2).
fn user_number(value: &RawValue) -> Option<Id> {
    let text = payload::text(value);
    let Some(digits) = text.as_deref().and_then(|text| text.strip_prefix("n::")) else { return payload::id(value) };
    let number = u128::from_str_radix(digits, 16).ok();
    let number = number.filter(|_| digits.len() == 24 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    // One that no user of this house can have is unknown, not wrong: nobody hears it.
    Some(u64::try_from(number).ok().and_then(Id::new).unwrap_or(Id::HOUSE))
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
            (r#""n::ffffffffffffffffffffffff""#, Some(0)),
            ("{}", None),
        ];
        for (json, expected) in table {
            let value = RawValue::from_string(json.to_owned()).unwrap();
            assert_eq!(user_number(&value).map(Id::get), expected, "{json}");
        }
    }
}

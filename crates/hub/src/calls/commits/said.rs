//! What a message may say of itself: its listeners hear it as it was signed.

use quintet_core::{Commit, Error, Timestamp, term};
use serde_json::{Value, json};

/// What clients set, and the house takes (atomic-data.md, section 16, and the chat views of the data browser).
const TAKEN: [&str; 7] = [
    term::IS_A,
    term::PARENT,
    term::DESCRIPTION,
    term::CREATED_AT,
    term::CREATED_BY,
    term::REPLY_TO,
    term::ATTACHMENTS,
];

/// `BadMessage`, with the property, for what a new message says of itself that is not so, or that the house does not keep of messages.
///
/// `latest`: the last moment at which it can have been made.
pub(super) fn check(commit: &Commit, latest: Timestamp) -> Result<(), Error> {
    commit.set.iter().try_for_each(|(property, value)| check_property(property, value, commit, latest))?;
    for (property, value) in &commit.push {
        if property != term::ATTACHMENTS {
            return Err(Error::bad_message(format!("{property} of a new message is set, not appended to")));
        }
        check_property(property, value, commit, latest)?;
    }
    // What a client had set and took back before it said anything is no news to anybody.
    match commit.remove.iter().find(|removed| commit.touched().any(|touched| touched == *removed)) {
        Some(property) => Err(Error::bad_message(format!("{property} of a new message is set, and removed again"))),
        None => Ok(()),
    }
}

fn check_property(property: &str, value: &Value, commit: &Commit, latest: Timestamp) -> Result<(), Error> {
    let wrong = match property {
        // They were looked at before.
        term::PARENT | term::DESCRIPTION => None,
        term::IS_A if *value == json!([term::MESSAGE]) => None,
        term::IS_A => Some(format!("exactly [{}]", term::MESSAGE)),
        term::CREATED_BY if *value == *commit.signer => None,
        term::CREATED_BY => Some(format!("the signer, {}", commit.signer)),
        term::CREATED_AT if value.as_i64().is_some_and(|at| at <= latest.millis()) => None,
        term::CREATED_AT => Some("the time in milliseconds, and not in the future".to_owned()),
        term::REPLY_TO if value.is_string() => None,
        term::REPLY_TO => Some("a URL".to_owned()),
        term::ATTACHMENTS if value.as_array().is_some_and(|items| items.iter().all(Value::is_string)) => None,
        term::ATTACHMENTS => Some("an array of URLs".to_owned()),
        _ => {
            let taken = TAKEN.join(", ");
            return Err(Error::bad_message(format!("{property} is not kept of a message in a room, only: {taken}")));
        }
    };
    match wrong {
        Some(expected) => Err(Error::bad_message(format!("{property} of a message must be {expected}"))),
        None => Ok(()),
    }
}

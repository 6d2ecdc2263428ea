//! `WebFinger`: who has a name (RFC 7033; versia.md, section 3.2).

use std::sync::Arc;

use quintet_core::federation::desk::{Exhibit, Shown};
use quintet_core::federation::{Form, Host, Own, Target};
use quintet_core::http::{Head, Step};
use quintet_core::{Error, Id};
use serde_json::json;

use super::{said, show, unexpected};
use crate::house::House;
use crate::{media, naming};

/// Finds a user by name in any case, or by number.
pub(super) fn get(house: &Arc<House>, host: &Host, head: &Head) -> Result<Step, Error> {
    let malformed = || Error::bad_message("resource must be acct:name@host");
    let subject = head.query_last("resource").ok_or_else(malformed)?.into_owned();
    let (name, at) = subject.strip_prefix("acct:").and_then(|it| it.rsplit_once('@')).ok_or_else(malformed)?;
    if name.is_empty() || at.is_empty() || name.contains('@') {
        return Err(malformed());
    }
    if !at.eq_ignore_ascii_case(host.as_str()) {
        return Err(Error::not_found("this is another host"));
    }
    let exhibit = numbered(name).map_or_else(|| Exhibit::Named(name.to_owned()), Exhibit::User);
    let house = Arc::clone(house);
    Ok(show(head, exhibit, None, move |exhibition| match &exhibition.shown {
        Shown::User(user) => Ok(said(200, media::JRD, links(&house, &subject, user.id).to_string())),
        Shown::House { .. } | Shown::Note(_) | Shown::Room(_) | Shown::Reaction { .. } | Shown::Page { .. } => {
            Err(unexpected(&exhibition.shown))
        }
    }))
}

/// A number as users have them, spelled in its one way; a name may be of digits, too.
fn numbered(name: &str) -> Option<Id> {
    name.parse::<Id>().ok().filter(|id| id.get() >= Id::RESERVED && id.to_string() == name)
}

fn links(house: &House, subject: &str, user: Id) -> serde_json::Value {
    let uri = naming::spell(house, Form::Uri, &Target::Own(Own::User(user)));
    let reference = format!("{}/.versia/v0.6/entities/User/{user}", naming::base(house));
    json!({
        "subject": subject,
        "links": [
            {"rel": "self", "type": media::JSON, "href": uri},
            {"rel": "self", "type": media::VERSIA, "href": reference},
        ],
    })
}

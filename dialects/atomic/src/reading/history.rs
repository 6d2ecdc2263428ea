//! Histories: the commits of a resource, and what it was after one of them (atomic-data.md, sections 15.2 and 15.3).

use std::sync::Arc;

use quintet_core::document::Page;
use quintet_core::{Answer, Call, Commit, Error, Subject, term};
use serde_json::Value;

use super::collection::Listing;
use super::{Asked, Reading, named, nothing_at, parameters, unexpected};

/// `/commits?property=…subject&value=…`: one page of a history, oldest first. There is no list of all commits: it would have no end, and
/// most of it may be read by nobody who asks. That is said plainly, as an empty collection would not be true.
pub(super) fn of_subject(asked: &Asked<'_>) -> Result<Reading, Error> {
    asked.parameters.only(&parameters::COLLECTION)?;
    let property = asked.parameters.address("property");
    match (property.as_deref(), asked.parameters.address("value")) {
        (Some(term::SUBJECT), Some(value)) => history(asked, value, asked.parameters.page()?),
        _ => Err(Error::bad_message(format!(
            "Commits are listed for one resource only: ask for /commits?property={}&value=<its URL, percent-encoded>",
            term::SUBJECT
        ))),
    }
}

/// `/all-versions?subject=`: a whole history.
pub(super) fn all_versions(asked: &Asked<'_>) -> Result<Reading, Error> {
    let value = asked.parameters.address("subject").ok_or_else(|| Error::bad_message("subject says whose commits"))?;
    let page = asked.parameters.page()?;
    history(asked, value, Page { size: page.size.or(Some(u64::MAX)), ..page })
}

/// `/version?commit=`: the resource as it was after a commit, under the URL that was asked for.
pub(super) fn version(asked: &Asked<'_>) -> Result<Reading, Error> {
    let url = asked.parameters.address("commit").ok_or_else(|| Error::bad_message("commit says after which commit"))?;
    let subject = Subject::within(&url, asked.origin).ok_or_else(|| nothing_at(&url))?;
    let signature = subject.path().strip_prefix("/commits/").ok_or_else(|| nothing_at(&url))?;
    let call = Call::Version(signature.to_owned());
    let asked = asked.url.to_owned();
    Ok(Reading::Ask(
        Box::new(call),
        Box::new(move |answer| match answer {
            Answer::Document(described) => Ok(named(&asked, described.document.properties)),
            other => Err(unexpected(&other)),
        }),
    ))
}

/// `/commits/<signature>`: one commit.
pub(super) fn commit(url: &str, signature: &str) -> Reading {
    let asked = url.to_owned();
    let told = move |answer| match answer {
        Answer::Commits(commits) => {
            let commit = commits.first().ok_or_else(|| nothing_at(&asked))?;
            let mut object = object(commit)?;
            object["@id"] = asked.into();
            Ok(object)
        }
        other => Err(unexpected(&other)),
    };
    Reading::Ask(Box::new(Call::CommitOf(signature.to_owned())), Box::new(told))
}

fn history(asked: &Asked<'_>, value: String, page: Page) -> Result<Reading, Error> {
    let subject = Subject::within(&value, asked.origin).ok_or_else(|| nothing_at(&value))?;
    let url = asked.url.to_owned();
    let told = move |answer| match answer {
        Answer::Commits(mut commits) => {
            if page.descending == Some(true) {
                commits.reverse();
            }
            let members = members(&commits, &page)?;
            let total = commits.len() as u64;
            let page = Page { size: page.size.map(|size| size.min(total.max(MANY))), ..page };
            let (property, value) = (Some(term::SUBJECT), Some(value.as_str()));
            Listing { property, value, page, total, members, ..Listing::default() }.resource(&url)
        }
        other => Err(unexpected(&other)),
    };
    Ok(Reading::Ask(Box::new(Call::Commits(subject)), Box::new(told)))
}

/// A size of page that stands for "all" is told as this, or as how many there are.
const MANY: u64 = 9_999;

fn members(commits: &[Arc<Commit>], page: &Page) -> Result<Vec<Value>, Error> {
    let size = page.size.unwrap_or(30);
    let skip = usize::try_from(size.saturating_mul(page.number.unwrap_or(0))).unwrap_or(usize::MAX);
    let take = usize::try_from(size).unwrap_or(usize::MAX);
    let nested = page.nested.unwrap_or(true);
    let shown = commits.iter().skip(skip).take(take);
    shown.map(|commit| if nested { object(commit) } else { Ok(commit.id().into()) }).collect()
}

/// A commit as it is stored.
fn object(commit: &Commit) -> Result<Value, Error> {
    serde_json::from_str(&commit.json).map_err(Error::internal)
}

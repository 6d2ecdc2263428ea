//! `POST /commit` (atomic-data.md, section 8.3).

use quintet_core::commit::Unverified;
use quintet_core::http::{Request, Response, Step};
use quintet_core::{Answer, Call, Credential, Error, Origin};

use super::{ask_as, unexpected};
use crate::format::Format;

/// "No authentication: the signature is all"; the type of the body does not count. An old cookie must not stand in a commit's way.
pub(super) fn post(request: &Request, origin: &Origin) -> Result<Step, Error> {
    let text = std::str::from_utf8(&request.body).map_err(|_| Error::bad_message("a commit is JSON in UTF-8"))?;
    let call = Call::Commit(Box::new(Unverified::parse(text, origin)?));
    Ok(ask_as(Credential::None, &request.head, origin, call, |answer| match answer {
        Answer::Committed { commit, position } => {
            let body = commit.json.as_bytes().to_vec().into();
            let content_type = Some(Format::JsonAd.media_type());
            let response = Response { content_type, body, ..Response::empty(200) };
            // Ours: where the history now is, to come back to with RESUME.
            Ok(match position {
                Some(position) => response.with_header("x-quintet-position", position.to_string()),
                None => response,
            })
        }
        other => Err(unexpected(&other)),
    }))
}

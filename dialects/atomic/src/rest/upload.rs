//! `POST /upload?parent=` (atomic-data.md, section 15.6).

use quintet_core::http::{Request, Response, Step};
use quintet_core::limits::size;
use quintet_core::{Answer, Call, Document, Error, Limits, Origin, Subject};
use serde_json::Value;

use super::{ask, multipart, unexpected};
use crate::format::Format;
use crate::reading::Parameters;

/// "Any field name is accepted, one or more files"; the answer is an array of their documents.
pub(super) fn post(request: &Request, origin: &Origin, limits: &Limits) -> Result<Step, Error> {
    let parent = Parameters::parse(&request.head.query).address("parent");
    let parent = parent.ok_or_else(|| Error::bad_message("parent says below which resource the files go"))?;
    let parent = Subject::within(&parent, origin)
        .ok_or_else(|| Error::bad_message(format!("parent must be a URL of this server, {}", origin.0)))?;
    let boundary = multipart::boundary(request.head.header("content-type").unwrap_or_default())?;
    let files = multipart::files(&request.body, &boundary, size(limits.upload_files))?;
    if files.is_empty() {
        return Err(Error::bad_message("no file: send a part with a filename"));
    }
    Ok(ask(&request.head, origin, Call::Upload { parent, files }, |answer| match answer {
        Answer::Documents(documents) => {
            let body = documents.iter().map(Document::json).collect::<Value>().to_string().into();
            Ok(Response { content_type: Some(Format::JsonAd.media_type()), body, ..Response::empty(200) })
        }
        other => Err(unexpected(&other)),
    }))
}

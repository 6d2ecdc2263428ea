//! Images.

use quintet_core::http::Response;
use quintet_core::image::ImageQuery;
use quintet_core::{Answer, Call, Error, Id};

use crate::refusal::Refusal;
use crate::rest::asked::Asked;
use crate::rest::asking::Asking;

/// `GET /api/images/{id}?w=&h=`: "upstream always says `image/jpeg` and ignores `w`/`h`; docs: the file's own type. **Take docs.**"
pub(super) fn get(asking: &Asking<'_>, id: Id) -> Result<Asked, Refusal> {
    let query = ImageQuery { id, width: pixels(asking, "w")?, height: pixels(asking, "h")? };
    Ok(Asked::new(Call::Image(query), image))
}

fn pixels(asking: &Asking<'_>, name: &str) -> Result<Option<u32>, Refusal> {
    const EXPECTED: &str = "a whole number of pixels, 1 or more";
    match asking.query(name, EXPECTED)? {
        Some(0) => Err(Refusal::bad(format!("`{name}` must be {EXPECTED}"))),
        pixels => Ok(pixels),
    }
}

/// The type is one of four; browsers are told not to guess another, since anybody may upload.
fn image(answer: Result<Answer, Error>) -> Result<Response, Refusal> {
    match answer {
        Ok(Answer::Image(image)) => {
            let content_type = Some(image.kind.media_type());
            let response = Response { content_type, body: image.bytes, ..Response::empty(200) };
            Ok(response.with_header("x-content-type-options", "nosniff"))
        }
        other => Err(Refusal::unexpected(other)),
    }
}

//! A request's body, within its bound.

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use quintet_core::Error;

/// Reads it all. `TooLarge` above the bound, before the first byte where the length is announced; `BadMessage` where it breaks off.
pub(crate) async fn collect(body: Incoming, bound: usize) -> Result<Bytes, Error> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > bound as u64 {
        return Err(too_large(bound));
    }
    match Limited::new(body, bound).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(bound)),
        Err(error) => Err(Error::bad_message("the request body broke off").because(error)),
    }
}

fn too_large(bound: usize) -> Error {
    Error::too_large(format!("the request body is larger than {bound} bytes"))
}

//! A request's body, within its bound.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};
use quintet_core::Error;
use tokio::time::{Instant, timeout_at};

/// How slowly a body may come, in bytes per second, once its time would be over.
const SLOWEST: usize = 64 * 1024;

/// Reads it all, asking `hold` whether there is room for what has come so far. `TooLarge` above the bound, before the first byte where the length
/// is announced; `BadMessage` where it breaks off; `Unavailable` where there is no room, or where it takes longer than `patience` and a second for
/// each 64 KiB that came: a large upload has its time, a peer that sends drop by drop has not.
pub(crate) async fn collect(
    mut body: Incoming,
    bound: usize,
    patience: Duration,
    mut hold: impl FnMut(usize) -> bool,
) -> Result<Bytes, Error> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > bound as u64 {
        return Err(too_large(bound));
    }
    let mut whole = BytesMut::new();
    let begun = Instant::now();
    loop {
        let earned = Duration::from_secs((whole.len() / SLOWEST) as u64);
        let frame = timeout_at(begun + patience + earned, body.frame()).await;
        let Some(frame) = frame.map_err(|_| Error::unavailable("the request took too long"))? else { break };
        let frame = frame.map_err(|error| Error::bad_message("the request body broke off").because(error))?;
        // Trailers say nothing to us.
        let Ok(piece) = frame.into_data() else { continue };
        if whole.len() + piece.len() > bound {
            return Err(too_large(bound));
        }
        whole.extend_from_slice(&piece);
        if !hold(whole.len()) {
            return Err(Error::unavailable("the server is receiving too much at once, try again later"));
        }
    }
    Ok(whole.freeze())
}

fn too_large(bound: usize) -> Error {
    Error::too_large(format!("the request body is larger than {bound} bytes"))
}

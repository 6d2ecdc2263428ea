//! `/healthz`: whether this server can do its work.

use quintet_core::http::Response;
use quintet_hub::Hub;

use super::refusal;

/// 200 with an empty body (what Jac Cloud's own answers), or 503 while it shuts down or the store does not answer.
pub(crate) async fn health(hub: &Hub, draining: bool) -> Response {
    if draining {
        return refusal::response(503, "shutting down");
    }
    match hub.ready().await {
        Ok(()) => Response::empty(200),
        Err(error) => {
            refusal::log(&error, "/healthz");
            refusal::response(503, "the store does not answer")
        }
    }
}

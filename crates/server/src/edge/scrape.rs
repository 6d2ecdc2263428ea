//! `/metrics`: what Prometheus reads.

use quintet_core::http::Response;

use super::refusal;
use crate::telemetry;

/// The metrics in Prometheus' text format; to those who may not see them, nothing is there.
pub(crate) fn scrape(allowed: bool) -> Response {
    if !allowed {
        return refusal::response(404, "nothing here");
    }
    Response {
        content_type: Some("text/plain; version=0.0.4; charset=utf-8"),
        ..Response::json(200, telemetry::render())
    }
}

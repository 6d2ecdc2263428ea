//! The recorder: counts what happens, for Prometheus.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use quintet_core::Limits;

use super::descriptions::describe;

/// One per process, as the `metrics` crate has it: several servers in one process count together.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Upper bounds for what is measured in seconds: from a fan-out in memory to a request that runs into its bound.
const SECONDS: [f64; 19] = [
    1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
    30.0,
];

/// Upper bounds for what is counted: changes of a transaction.
const COUNTS: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// How often measurements are put into their buckets, so that they do not pile up while nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count. What was counted before is lost, so this comes first; a second time changes nothing.
pub fn install() {
    RECORDER.get_or_init(|| match build() {
        Ok(handle) => {
            describe();
            Some(handle)
        }
        Err(error) => {
            tracing::warn!(%error, "metrics go elsewhere: another recorder is installed in this process");
            None
        }
    });
}

fn build() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_changes".to_owned()), &COUNTS)?
        .install_recorder()
}

fn handle() -> Option<&'static PrometheusHandle> {
    RECORDER.get().and_then(Option::as_ref)
}

/// All metrics, in Prometheus' text format.
pub fn render() -> String {
    handle().map(PrometheusHandle::render).unwrap_or_default()
}

/// Shows the bounds in force, as `quintet_limit{name="…"}`.
pub(crate) fn publish_limits(limits: &Limits) {
    for (name, value) in limits.values() {
        #[expect(clippy::cast_precision_loss, reason = "metrics are floats; a bound that large bounds nothing")]
        metrics::gauge!("quintet_limit", "name" => name).set(value as f64);
    }
}

/// Puts measurements into their buckets, for as long as this is polled.
pub(crate) async fn upkeep() {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        if let Some(handle) = handle() {
            handle.run_upkeep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_histograms_are_rendered() {
        install();
        publish_limits(&Limits::default());
        metrics::histogram!("quintet_fanout_seconds").record(0.0002);
        let text = render();
        assert!(text.contains("quintet_limit{name=\"ping_seconds\"} 20"), "{text}");
        assert!(text.contains("quintet_fanout_seconds_bucket{le=\"0.00025\"}"), "{text}");
        assert!(text.contains("# HELP quintet_fanout_seconds "), "{text}");
    }
}

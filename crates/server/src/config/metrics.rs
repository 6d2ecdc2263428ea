//! `[metrics]`: who may read them.

section! {
    /// The Prometheus metrics at /metrics.
    Metrics in "metrics", at metrics {
        /// Whether everybody may read them; else only this machine, without a proxy in between.
        public: bool = false;
    }
}

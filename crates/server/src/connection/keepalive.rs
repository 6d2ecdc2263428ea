//! One wheel that asks silent peers for a sign of life.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use metrics::{Gauge, gauge};
use quintet_core::Frame;
use tokio::time::{MissedTickBehavior, interval};

use super::outlet::Line;
use super::registry::{BATCH, Connections};

/// What a second of the wheel shows.
#[derive(Default)]
pub(super) struct Turn {
    /// Silent since the last visit.
    pub(super) silent: Vec<Arc<Line>>,
    /// Without an answer to a ping.
    pub(super) lost: Vec<Arc<Line>>,
}

impl Connections {
    /// Turns the wheel, once a second, for as long as this is polled.
    pub async fn keep_alive(self: Arc<Self>) {
        let waiting = gauge!("quintet_queue_bytes");
        let receiving = gauge!("quintet_receiving_bytes");
        let ping = Frame::ping(b"").as_bytes().clone();
        let mut seconds = interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            seconds.tick().await;
            let turn = self.turn();
            turn.lost.iter().for_each(|line| line.abort());
            ask(&turn.silent, &ping).await;
            set(&waiting, self.queue_bytes());
            set(&receiving, self.receiving_bytes());
        }
    }

    /// A second passes: looks at one part of the wheel for silence, and at the part that was pinged long enough ago for
    /// answers.
    pub(super) fn turn(&self) -> Turn {
        let now = self.ledger.pass();
        let pong = u32::try_from(self.limits.pong_seconds).unwrap_or(u32::MAX).max(1);
        let parts = u32::try_from(self.wheel.len()).expect("a wheel has few parts");
        let mut turn = Turn::default();
        self.look(now.wrapping_sub(pong) % parts, |line| {
            if line.is_lost(pong) {
                turn.lost.push(Arc::clone(line));
            }
        });
        self.look(now % parts, |line| {
            line.relieve();
            if line.is_silent(parts) {
                turn.silent.push(Arc::clone(line));
            }
        });
        turn
    }

    fn look(&self, part: u32, mut at: impl FnMut(&Arc<Line>)) {
        self.wheel[part as usize].lock().iter().for_each(|(_, line)| at(line));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float; bytes are bounded far below 2^53")]
fn set(gauge: &Gauge, bytes: usize) {
    gauge.set(bytes as f64);
}

async fn ask(silent: &[Arc<Line>], ping: &Bytes) {
    for batch in silent.chunks(BATCH) {
        for line in batch {
            line.ping(ping);
        }
        tokio::task::yield_now().await;
    }
}

//! A run of events as it is spoken: joined once for each voice that has listeners for it.

use std::sync::Arc;

use bytes::Bytes;
use metrics::Counter;
use quintet_core::Frame;

use super::broadcast::Broadcast;
use super::voice::{Voice, Voices};

/// Bytes of frames that are joined into one piece; a larger frame stands alone.
const JOINED_BYTES: usize = 64 * 1024;

/// A run in all voices, each joined when first needed.
pub struct Spoken<'a> {
    run: &'a [Arc<Broadcast>],
    voices: &'a Voices,
    plain: Vec<Option<Words>>,
    /// The same with positions; empty until somebody wants them.
    marked: Vec<Option<Words>>,
}

/// A run in one voice.
pub struct Words {
    /// The frames, joined.
    pub bytes: Vec<Bytes>,
    /// How many events they tell of.
    pub events: u64,
    /// How many events have been told with them, to all listeners together.
    pub heard: u64,
    dialect: usize,
}

impl<'a> Spoken<'a> {
    /// Nothing is said yet.
    pub fn new(run: &'a [Arc<Broadcast>], voices: &'a Voices) -> Self {
        Self { run, voices, plain: silence(voices), marked: Vec::new() }
    }

    /// The run in this voice, with the last position in it where `positions` are wanted.
    pub fn words(&mut self, voice: Voice, positions: bool) -> &mut Words {
        if positions && self.marked.is_empty() {
            self.marked = silence(self.voices);
        }
        let words = if positions { &mut self.marked } else { &mut self.plain };
        words[voice.index()].get_or_insert_with(|| {
            let (frames, events) = frames(self.run, voice, positions, self.voices);
            Words { bytes: join(&frames), events, heard: 0, dialect: voice.dialect() }
        })
    }

    /// Counts what was told.
    pub fn count(self, messages: &[Counter]) {
        for words in self.plain.into_iter().chain(self.marked).flatten() {
            messages[words.dialect].increment(words.heard);
        }
    }
}

fn silence(voices: &Voices) -> Vec<Option<Words>> {
    (0..voices.count()).map(|_| None).collect()
}

/// How many events at the beginning can be joined.
pub fn run_length(events: &[Arc<Broadcast>]) -> usize {
    let Some(first) = events.first() else { return 0 };
    events.iter().take_while(|broadcast| first.runs_with(broadcast)).count()
}

/// A run in this voice, frame by frame, and of how many events it tells. What has no words has no position either.
pub fn frames(run: &[Arc<Broadcast>], voice: Voice, positions: bool, voices: &Voices) -> (Vec<Frame>, u64) {
    let spoken = || run.iter().filter_map(|broadcast| Some((broadcast, broadcast.frame(voice, voices)?)));
    let mut frames: Vec<_> = spoken().map(|(_, frame)| frame.clone()).collect();
    let events = frames.len() as u64;
    if positions {
        frames.extend(spoken().rev().find_map(|(broadcast, _)| voices.position(&broadcast.event, voice)));
    }
    (frames, events)
}

/// Joins frames into pieces of at most `JOINED_BYTES`.
pub fn join(frames: &[Frame]) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (index, frame) in frames.iter().enumerate() {
        let length = frame.as_bytes().len();
        if index > start && size + length > JOINED_BYTES {
            pieces.push(Frame::join(&frames[start..index]));
            (start, size) = (index, 0);
        }
        size += length;
    }
    if start < frames.len() {
        pieces.push(Frame::join(&frames[start..]));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_joined_up_to_a_bound() {
        let frames: Vec<_> = (0..5).map(|_| Frame::text(&"x".repeat(20_000))).collect();
        let pieces = join(&frames);
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [3 * 20_004, 2 * 20_004]);
        assert_eq!(pieces.concat(), frames.iter().flat_map(|frame| frame.as_bytes().to_vec()).collect::<Vec<_>>());
        assert!(join(&[]).is_empty());
    }
}

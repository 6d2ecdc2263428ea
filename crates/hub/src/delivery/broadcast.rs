//! A broadcast: one event on its way to many, spelled at most once per voice.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use quintet_core::{Event, Frame};

use super::voice::{Voice, Voices};
use crate::readers::Readers;

/// An event with whom it is for, and the frames made of it so far. Shared by all delivery tasks.
pub struct Broadcast {
    /// What was said.
    pub event: Arc<Event>,
    /// Whom it is for.
    pub readers: Readers,
    /// When it was published, for the fan-out latency.
    pub born: Instant,
    frames: Box<[OnceLock<Option<Frame>>]>,
}

impl Broadcast {
    /// A broadcast with nothing spelled yet.
    pub fn new(event: Arc<Event>, readers: Readers, voices: &Voices) -> Self {
        let frames = (0..voices.count()).map(|_| OnceLock::new()).collect();
        Self { event, readers, born: Instant::now(), frames }
    }

    /// The event as this voice says it, or `None` if it has no word for it. Made by whoever asks first.
    pub fn frame(&self, voice: Voice, voices: &Voices) -> Option<&Frame> {
        self.frames[voice.index()].get_or_init(|| self.spell(voice, voices)).as_ref()
    }

    fn spell(&self, voice: Voice, voices: &Voices) -> Option<Frame> {
        let plain = Voice::new(voice.dialect(), false);
        if voice == plain {
            return voices.render(&self.event, voice);
        }
        self.frame(plain, voices).map(|frame| voices.dress(frame, voice))
    }

    /// Whether this can be joined with `other` into one run: the same topics, for the same readers.
    pub fn runs_with(&self, other: &Self) -> bool {
        self.event.topics == other.event.topics && self.readers == other.readers
    }
}

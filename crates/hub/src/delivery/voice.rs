//! Voices: the spellings in which an event leaves the house.

use std::sync::Arc;

use quintet_core::{Dialect, Event, Frame, Origin};

/// Makes the compressed spelling of a frame.
pub type Compress = fn(&Frame) -> Frame;

/// A dialect, compressed or not: listeners of one voice share their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice(u8);

impl Voice {
    /// The voice of the dialect at this place in the hub's list.
    pub fn new(dialect: usize, compressed: bool) -> Self {
        let dialect = u8::try_from(dialect).expect("a house has few dialects");
        Self(dialect * 2 + u8::from(compressed))
    }

    /// Its place in a table with [`Voices::count`] rows.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The place of its dialect in the hub's list.
    pub fn dialect(self) -> usize {
        usize::from(self.0 / 2)
    }

    fn compressed(self) -> bool {
        self.0 % 2 == 1
    }
}

/// All voices of the house.
pub struct Voices {
    dialects: Vec<Arc<dyn Dialect>>,
    origin: Origin,
    compress: Option<Compress>,
}

impl Voices {
    /// The voices of these dialects. Without `compress`, compressed voices sound like the plain ones.
    pub fn new(dialects: Vec<Arc<dyn Dialect>>, origin: Origin, compress: Option<Compress>) -> Self {
        Self { dialects, origin, compress }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.dialects.len() * 2
    }

    /// The dialects, in the order of their numbers.
    pub fn dialects(&self) -> &[Arc<dyn Dialect>] {
        &self.dialects
    }

    /// Where the server is reached from outside.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Says an event in the plain voice of a dialect.
    pub(crate) fn render(&self, event: &Event, voice: Voice) -> Option<Frame> {
        self.dialects[voice.dialect()].render(event, &self.origin)
    }

    /// Tells in a voice where an event stands, if the dialect has a word for that.
    pub(crate) fn position(&self, event: &Event, voice: Voice) -> Option<Frame> {
        let plain = self.dialects[voice.dialect()].position(event, &self.origin)?;
        Some(self.dress(&plain, voice))
    }

    /// The spelling of a plain frame that `voice` needs.
    pub(crate) fn dress(&self, frame: &Frame, voice: Voice) -> Frame {
        match self.compress {
            Some(compress) if voice.compressed() => compress(frame),
            _ => frame.clone(),
        }
    }
}

//! One non-blocking TCP stream with the bytes it could not yet read to an end or write.

use std::io::{self, Read as _, Write as _};

use mio::net::TcpStream;

/// A stream that holds no memory while it is at rest.
#[derive(Debug)]
pub(crate) struct Pipe {
    stream: TcpStream,
    tail: Vec<u8>,
    backlog: Vec<u8>,
}

/// What one read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Nothing is there now.
    Empty,
    /// The peer has ended its side.
    End,
    /// The buffer holds this many bytes, an earlier unfinished rest in front.
    Bytes {
        /// Bytes in the buffer.
        end: usize,
        /// The read filled the buffer, so there may be more. A short read on a stream means that it is
        /// drained, which saves the second system call that edge-triggered polling would ask for.
        more: bool,
    },
}

impl Pipe {
    /// Wraps a stream.
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self { stream, tail: Vec::new(), backlog: Vec::new() }
    }

    /// The stream, for registering and for socket options.
    pub(crate) fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Writes what the socket takes at once, and keeps the rest for [`Pipe::drain`].
    #[inline]
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = if self.backlog.is_empty() { self.write(bytes)? } else { 0 };
        if written < bytes.len() {
            self.backlog.extend_from_slice(&bytes[written..]);
        }
        Ok(())
    }

    /// Writes the backlog as far as the socket takes it.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        if self.backlog.is_empty() {
            return Ok(());
        }
        let backlog = std::mem::take(&mut self.backlog);
        let written = self.write(&backlog)?;
        self.backlog.extend_from_slice(&backlog[written..]);
        Ok(())
    }

    /// Writes until everything is gone or the socket is full; with edge-triggered polling, only a
    /// full socket promises a later event.
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut written = 0;
        while written < bytes.len() {
            match self.stream.write(&bytes[written..]) {
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(written)
    }

    /// Reads once into `buffer`, behind what [`Pipe::keep`] kept.
    ///
    /// Fails with `InvalidData` when a message does not fit the buffer.
    #[inline]
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> io::Result<Fill> {
        let kept = self.tail.len();
        if kept >= buffer.len() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "message larger than the read buffer"));
        }
        buffer[..kept].copy_from_slice(&self.tail);
        loop {
            return match self.stream.read(&mut buffer[kept..]) {
                Ok(0) => Ok(Fill::End),
                Ok(count) => Ok(Fill::Bytes { end: kept + count, more: kept + count == buffer.len() }),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Fill::Empty),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
        }
    }

    /// Keeps the unfinished rest of what the last [`Pipe::fill`] brought.
    #[inline]
    pub(crate) fn keep(&mut self, rest: &[u8]) {
        if rest.is_empty() {
            if self.tail.capacity() > 0 {
                self.tail = Vec::new();
            }
        } else {
            self.tail.clear();
            self.tail.extend_from_slice(rest);
        }
    }
}

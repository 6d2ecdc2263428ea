//! A socket as its connection's task reads and drains it, with TLS or without.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use std::net::Shutdown;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{TlsStream, server};

use super::outlet::Line;
use crate::edge::Paced;

/// A socket, accepted or connected.
pub enum Stream {
    /// As it is.
    Plain(TcpStream),
    /// Within TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// The socket under a finished upgrade, and what was read of it already. `None` where it is neither of the two kinds:
    /// hyper has to be given a [`TokioIo`] around a [`Paced`] one of them.
    pub(super) fn under(upgraded: Upgraded) -> Option<(Self, Bytes)> {
        let upgraded = match upgraded.downcast::<TokioIo<Paced<TcpStream>>>() {
            Ok(parts) => return Some((Self::Plain(parts.io.into_inner().into_inner()), parts.read_buf)),
            Err(upgraded) => upgraded,
        };
        let parts = upgraded.downcast::<TokioIo<Paced<server::TlsStream<TcpStream>>>>().ok()?;
        Some((Self::Tls(Box::new(parts.io.into_inner().into_inner().into())), parts.read_buf))
    }

    /// As [`Stream::under`], where we were the ones who asked: hyper has to be given a [`TokioIo`] around this.
    pub(super) fn within(upgraded: Upgraded) -> Option<(Self, Bytes)> {
        let parts = upgraded.downcast::<TokioIo<Self>>().ok()?;
        Some((parts.io.into_inner(), parts.read_buf))
    }

    /// The socket for the line, and what is left for the task.
    pub(super) fn split(self) -> (Option<TcpStream>, Wire) {
        match self {
            Self::Plain(stream) => (Some(stream), Wire::Plain),
            Self::Tls(stream) => (None, Wire::Tls { stream, unflushed: false }),
        }
    }

    /// The bare socket.
    pub(super) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// The task's end of a socket.
pub(super) enum Wire {
    /// The line has the socket.
    Plain,
    Tls {
        stream: Box<TlsStream<TcpStream>>,
        /// Something was written that may not have left yet.
        unflushed: bool,
    },
}

impl Wire {
    /// Reads what there is; zero at the end.
    pub(super) fn poll_read(
        &mut self,
        line: &Line,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match (self, line.stream()) {
            (Self::Plain, Some(stream)) => poll_read(stream, cx, buffer),
            (Self::Tls { stream, .. }, _) => {
                let mut buffer = ReadBuf::new(buffer);
                ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
                Poll::Ready(Ok(buffer.filled().len()))
            }
            (Self::Plain, None) => Poll::Ready(Ok(0)),
        }
    }

    /// Sends what waits on the line.
    pub(super) fn poll_drain(&mut self, line: &Line, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain => line.poll_drain(|slices| match line.stream() {
                Some(stream) => poll_write(stream, cx, slices),
                None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
            }),
            Self::Tls { stream, unflushed } => {
                let drained = line.poll_drain(|slices| {
                    *unflushed = true;
                    Pin::new(&mut *stream).poll_write_vectored(cx, slices)
                });
                if *unflushed {
                    ready!(Pin::new(stream).poll_flush(cx))?;
                    *unflushed = false;
                }
                drained
            }
        }
    }

    /// Tells the peer that nothing more will come.
    pub(super) fn poll_shutdown(&mut self, line: &Line, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match (self, line.stream()) {
            (Self::Plain, Some(stream)) => Poll::Ready(SockRef::from(stream).shutdown(Shutdown::Write)),
            (Self::Plain, None) => Poll::Ready(Ok(())),
            (Self::Tls { stream, .. }, _) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    /// Makes the end of the socket an abrupt one, so that the kernel, too, forgets what was not sent.
    pub(super) fn reset(&self, line: &Line) {
        let socket = match (self, line.stream()) {
            (Self::Tls { stream, .. }, _) => Some(stream.get_ref().0),
            (Self::Plain, stream) => stream,
        };
        if let Some(socket) = socket {
            // A socket that is gone already needs no reset.
            let _ = socket.set_zero_linger();
        }
    }
}

fn poll_read(stream: &TcpStream, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
    loop {
        ready!(stream.poll_read_ready(cx))?;
        match read_once(stream, buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return Poll::Ready(read),
        }
    }
}

/// Reads once. A read that does not fill the buffer has emptied the socket: saying so here, as if the socket had, spares
/// the system call that would only be told the same. (Readiness that comes meanwhile is not lost: it is a later one.)
fn read_once(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let mut short = None;
    let read = stream.try_io(Interest::READABLE, || match stream.try_read(buffer) {
        Ok(count) if count > 0 && count < buffer.len() => {
            short = Some(count);
            Err(io::ErrorKind::WouldBlock.into())
        }
        other => other,
    });
    short.map_or(read, Ok)
}

fn poll_write(stream: &TcpStream, cx: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
    loop {
        ready!(stream.poll_write_ready(cx))?;
        match stream.try_write_vectored(slices) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            written => return Poll::Ready(written),
        }
    }
}

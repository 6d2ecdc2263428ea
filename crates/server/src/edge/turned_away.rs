//! Those who find no seat.

use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

/// What they are told.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\nretry-after: 5\r\n\r\n";

/// How many are told at once; the others are simply shut out, so that a crowd costs nothing.
static TELLING: Semaphore = Semaphore::const_new(64);

/// How long the peer may take to read it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tells a peer that there is no seat, then waits for it to go: closing with its request unread would reset the
/// connection, and it might never see the answer.
pub(crate) fn turn_away(mut stream: TcpStream) {
    let Ok(permit) = TELLING.try_acquire() else { return };
    tokio::spawn(async move {
        let _permit = permit;
        // Whether it hears us is its own matter.
        let _ = stream.try_write(FULL);
        let mut unread = [0; 1024];
        let gone = async { while matches!(stream.read(&mut unread).await, Ok(1..)) {} };
        let _ = tokio::time::timeout(PATIENCE, gone).await;
    });
}

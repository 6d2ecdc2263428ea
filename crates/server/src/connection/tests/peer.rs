//! The other end: a client that speaks plain frames.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// A client.
pub(super) struct Peer {
    pub(super) read: OwnedReadHalf,
    pub(super) write: OwnedWriteHalf,
}

/// A masked frame; the mask is zero, which changes nothing.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | u8::try_from(short).unwrap()),
        middle @ 126..=0xFFFF => {
            bytes.push(0xFE);
            bytes.extend_from_slice(&u16::try_from(middle).unwrap().to_be_bytes());
        }
        long => {
            bytes.push(0xFF);
            bytes.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(payload);
    bytes
}

impl Peer {
    pub(super) fn new(stream: TcpStream) -> Self {
        let (read, write) = stream.into_split();
        Self { read, write }
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) {
        self.write.write_all(bytes).await.unwrap();
    }

    pub(super) async fn say(&mut self, text: &str) {
        self.send(&frame(0x81, text.as_bytes())).await;
    }

    /// The next frame: its first byte and its payload.
    pub(super) async fn hear(&mut self) -> (u8, Vec<u8>) {
        let first = self.read.read_u8().await.unwrap();
        let length = match self.read.read_u8().await.unwrap() {
            126 => u64::from(self.read.read_u16().await.unwrap()),
            127 => self.read.read_u64().await.unwrap(),
            short => u64::from(short),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.read.read_exact(&mut payload).await.unwrap();
        (first, payload)
    }

    /// Reads so many bytes, whatever they are.
    pub(super) async fn sip(&mut self, bytes: usize) {
        self.read.read_exact(&mut vec![0; bytes]).await.unwrap();
    }

    pub(super) async fn hear_text(&mut self) -> String {
        let (first, payload) = self.hear().await;
        assert_eq!(first, 0x81);
        String::from_utf8(payload).unwrap()
    }

    /// The next frame is a close with this code and reason.
    pub(super) async fn hear_close(&mut self, code: u16, reason: &str) {
        assert_eq!(self.hear().await, (0x88, [&code.to_be_bytes(), reason.as_bytes()].concat()));
    }

    /// Nothing more comes.
    pub(super) async fn hear_end(&mut self) {
        assert_eq!(self.read.read(&mut [0]).await.unwrap(), 0);
    }
}

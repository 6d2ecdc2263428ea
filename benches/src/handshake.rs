//! The HTTP upgrade at the start of a WebSocket (RFC 6455 section 4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

/// The key every client here offers; fixed, so that the right answer is a constant too.
const KEY: &str = "cXVpbnRldC1iZW5jaC1rZQ==";

/// The longest head of an answer or request that is accepted, in bytes.
pub(crate) const MAX_HEAD: usize = 16 * 1024;

/// The `Sec-WebSocket-Accept` value that belongs to a `Sec-WebSocket-Key`.
pub(crate) fn accept(key: &str) -> String {
    let digest = Sha1::new().chain_update(key).chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11").finalize();
    STANDARD.encode(digest)
}

/// A client's request to upgrade. `headers` are whole lines, each with its line end.
pub(crate) fn request(host: &str, path: &str, headers: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{headers}\r\n"
    )
}

/// Judges a server's whole answer head; the error is what to tell the user.
pub(crate) fn check_answer(head: &str) -> Result<(), String> {
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("101") {
        return Err(status.to_owned());
    }
    match header(head, "sec-websocket-accept") {
        Some(value) if value == accept(KEY) => Ok(()),
        other => Err(format!("a wrong Sec-WebSocket-Accept: {other:?}")),
    }
}

/// A server's answer to a client's whole request head; `None` when it offers no key.
pub(crate) fn answer(head: &str) -> Option<String> {
    let accept = accept(header(head, "sec-websocket-key")?);
    Some(format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ))
}

/// The value of the first header called `name` (given in lower case).
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Where the body starts, once the whole head has arrived.
pub(crate) fn head_end(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rfc_key_gives_the_rfc_answer() {
        // RFC 6455 section 1.3.
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_request_is_granted_by_its_answer() {
        let request = request("h:1", "/p?q=1", "Authorization: Bearer t\r\n");
        assert_eq!(head_end(request.as_bytes()), Some(request.len()));
        assert_eq!(header(&request, "authorization"), Some("Bearer t"));
        let answer = answer(&request).unwrap();
        assert_eq!(check_answer(&answer), Ok(()));
    }

    #[test]
    fn other_answers_are_refused_with_their_reason() {
        let table = [
            ("HTTP/1.1 404 Not Found\r\n\r\n", "404 Not Found"),
            ("HTTP/1.1 101 Go\r\nSec-WebSocket-Accept: x\r\n\r\n", "Accept"),
            ("", ""),
        ];
        for (head, reason) in table {
            let error = check_answer(head).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        assert_eq!(answer("GET / HTTP/1.1\r\n\r\n"), None);
    }
}

//! HTTP/1.1 as far as the REST calls of a bench need it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::Error;
use crate::handshake::{MAX_HEAD, head_end, header};

/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const MAX_ANSWER: usize = 4 << 20;

/// Builds a request; an empty body sends none.
pub(crate) fn request(host: &str, asked: &str, token: Option<&str>, body: &str) -> String {
    let identity = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let content = match body.len() {
        0 => String::new(),
        length => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
    };
    format!("{asked} HTTP/1.1\r\nHost: {host}\r\n{identity}{content}\r\n{body}")
}

/// Bytes of the whole answer at the start of `bytes`: `None` while it is unfinished, an error when
/// its length is not declared.
pub(crate) fn answer_length(bytes: &[u8]) -> Option<Result<usize, &'static str>> {
    let Some(end) = head_end(bytes) else {
        return (bytes.len() > MAX_HEAD).then_some(Err("the head of the answer is too long"));
    };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let Some(body) = header(&head, "content-length").and_then(|value| value.parse::<usize>().ok()) else {
        return Some(Err("the answer declares no length"));
    };
    if body > MAX_ANSWER {
        return Some(Err("the answer is too long"));
    }
    (end + body <= bytes.len()).then_some(Ok(end + body))
}

/// Whether an answer's status says that the request was carried out.
pub(crate) fn is_success(answer: &[u8]) -> bool {
    answer.get(9) == Some(&b'2')
}

/// Makes one call on its own connection and reads the answer's JSON. `asked` is method and path.
pub(crate) fn call(
    (address, host): (SocketAddr, &str),
    asked: &str,
    token: Option<&str>,
    body: &str,
) -> Result<Value, Error> {
    let answer = exchange(address, &request(host, asked, token, body)).map_err(Error::system("make a REST call"))?;
    let refused = || Error::Refused { asked: asked.to_owned(), answer: summary(&answer) };
    if !is_success(&answer) {
        return Err(refused());
    }
    let body = head_end(&answer).map_or(&[][..], |end| &answer[end..]);
    serde_json::from_slice(body).map_err(|_| refused())
}

fn exchange(address: SocketAddr, request: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match answer_length(&answer) {
            Some(Ok(length)) => {
                answer.truncate(length);
                return Ok(answer);
            }
            Some(Err(reason)) => return Err(std::io::Error::other(reason)),
            None => {}
        }
        match stream.read(&mut buffer)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => answer.extend_from_slice(&buffer[..count]),
        }
    }
}

/// Status line and the start of the body, for people.
pub(crate) fn summary(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let body: String = body.chars().take(200).collect();
    format!("{} {body}", head.lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_its_body_is() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 2\r\n\r\n{}HTTP/1.1 ";
        assert_eq!(answer_length(answer), Some(Ok(answer.len() - 9)));
        for cut in 0..answer.len() - 9 {
            assert_eq!(answer_length(&answer[..cut]), None, "cut at {cut}");
        }
        assert!(is_success(answer));
    }

    #[test]
    fn an_answer_without_a_usable_length_is_an_error() {
        for head in ["", "Content-Length: -1\r\n", "Content-Length: 99999999999\r\n", "Transfer-Encoding: chunked\r\n"]
        {
            let answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n");
            assert!(matches!(answer_length(answer.as_bytes()), Some(Err(_))), "{head}");
        }
        assert!(matches!(answer_length(&vec![b'x'; MAX_HEAD + 1]), Some(Err(_))));
    }

    #[test]
    fn a_request_declares_its_body() {
        let text = request("h:1", "POST /a", Some("t"), "{}");
        assert!(text.starts_with("POST /a HTTP/1.1\r\nHost: h:1\r\nAuthorization: Bearer t\r\n"));
        assert!(text.ends_with("Content-Length: 2\r\n\r\n{}"));
        assert!(!request("h:1", "GET /a", None, "").contains("Content"));
    }

    #[test]
    fn a_refusal_is_summed_up() {
        assert!(!is_success(b"HTTP/1.1 404 Not Found\r\n\r\n"));
        let text = summary(b"HTTP/1.1 404 Not Found\r\nX: y\r\n\r\nno such thing");
        assert_eq!(text, "HTTP/1.1 404 Not Found no such thing");
    }
}

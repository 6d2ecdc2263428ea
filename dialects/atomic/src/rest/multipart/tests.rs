//! Bodies as clients write them, bodies as enemies write them, and arbitrary ones.

use proptest::prelude::*;
use quintet_core::Kind;

use super::*;

fn read(body: &[u8], boundary: &str) -> Result<Vec<Upload>, Error> {
    files(&Bytes::copy_from_slice(body), boundary, 8)
}

fn upload(name: &str, media_type: Option<&str>, bytes: &[u8]) -> Upload {
    Upload { name: name.into(), media_type: media_type.map(Into::into), bytes: Bytes::copy_from_slice(bytes) }
}

#[test]
fn a_browser_sends_files() {
    let body = b"------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n\
        Content-Disposition: form-data; name=\"assets\"; filename=\"a %22b%22.png\"\r\nContent-Type: image/png\r\n\r\n\
        \x89PNG\r\n--\r\n\x00\r\n\
        ------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n\
        Content-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n\
        ------WebKitFormBoundary7MA4YWxkTrZu0gW\r\n\
        Content-Disposition: form-data; name=\"assets\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n\
        ------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n";
    let files = read(body, "----WebKitFormBoundary7MA4YWxkTrZu0gW").unwrap();
    assert_eq!(files, [upload("a \"b\".png", Some("image/png"), b"\x89PNG\r\n--\r\n\x00")]);
}

#[test]
fn node_and_curl_send_files() {
    let node = "------formdata-undici-012345678901\r\nContent-Disposition: form-data; name=\"assets\"; filename=\"Zoë.txt\"\r\n\
        Content-Type: text/plain;charset=utf-8\r\n\r\n\r\n------formdata-undici-012345678901--\r\n";
    let files = read(node.as_bytes(), "----formdata-undici-012345678901").unwrap();
    assert_eq!(files, [upload("Zoë.txt", Some("text/plain;charset=utf-8"), b"")]);
    let curl =
        b"--------------------------abc\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\\\"b;c.bin\"\r\n\
        Content-Type: application/octet-stream\r\n\r\nx\r\n--------------------------abc--";
    assert_eq!(read(curl, "------------------------abc").unwrap(), [upload("a\"b;c.bin", None, b"x")]);
}

#[test]
fn names_are_only_names() {
    for (parameters, expected) in [
        (" name=\"f\"; filename=\"x\"", Some("x")),
        (" filename=x; name=f", Some("x")),
        (" FileName=\"x\"", Some("x")),
        (" filename=\"../../etc/passwd\"", Some("passwd")),
        (" filename=\"C:\\\\dir\\x.txt\"", Some("x.txt")),
        (" filename=\"a%0D%0Ab\u{0}\u{7f}\"", Some("ab")),
        (" filename*=UTF-8''Zo%C3%AB.txt", Some("Zoë.txt")),
        (" filename*=UTF-8'en'Zo%FF; filename=\"x\"", Some("x")),
        (" filename=\"a\\\"", Some("")),
        (" filename=\"unterminated", None),
        (" filename", None),
        (" name=\"filename=\"", None),
        ("", None),
    ] {
        assert_eq!(filename(parameters).as_deref(), expected, "{parameters}");
    }
}

#[test]
fn boundaries_are_checked() {
    for (content_type, expected) in [
        ("multipart/form-data; boundary=abc", Some("abc")),
        ("Multipart/Form-Data;charset=utf-8;Boundary=\"a b:c\"", Some("a b:c")),
        ("multipart/form-data; boundary=abc ; x=y", Some("abc")),
        ("multipart/form-data", None),
        ("multipart/form-data; boundary=", None),
        ("multipart/form-data; boundary=\"\"", None),
        ("multipart/form-data; boundary=\"a \"", None),
        ("multipart/form-data; boundary=é", None),
        ("multipart/mixed; boundary=abc", None),
        ("application/json", None),
        ("", None),
    ] {
        assert_eq!(boundary(content_type).ok().as_deref(), expected, "{content_type}");
    }
    assert!(boundary(&format!("multipart/form-data; boundary={}", "x".repeat(70))).is_ok());
    assert!(boundary(&format!("multipart/form-data; boundary={}", "x".repeat(71))).is_err());
}

#[test]
fn broken_bodies_are_refused() {
    let part = "Content-Disposition: form-data; name=f; filename=x\r\n\r\n";
    let header = "Content-Disposition: form-data; filename=x\r\n";
    for (body, words) in [
        (String::new(), "does not begin with its boundary"),
        ("--".into(), "does not begin with its boundary"),
        (format!("preamble\r\n--b\r\n{part}x\r\n--b--"), "does not begin with its boundary"),
        ("--bb--".into(), "does not begin with its boundary"),
        ("--b\r\n".into(), "no end of its headers"),
        (format!("--b\r\n{header}"), "no end of its headers"),
        (format!("--b\r\n{header}x: {}\r\n\r\nx\r\n--b--", "y".repeat(HEADERS)), "no end of its headers"),
        (format!("--b\r\n{part}x"), "a part has no end"),
        (format!("--b\r\n{part}x\r\n--b"), "a part has no end"),
        (format!("--b\r\n{part}x\r\n--bb--"), "a part has no end"),
        (format!("--b\r\n{part}x\n--b--"), "a part has no end"),
        ("--b\r\n\r\nx\r\n--b--\r\n\r\n".into(), "no colon"),
        ("--b\r\nx\r\n\r\nx\r\n--b--".into(), "no colon"),
        ("--b\r\nx: y\r\n\r\nx\r\n--b--".into(), "no Content-Disposition"),
        (
            format!("--b\r\n{header}Content-Transfer-Encoding: base64\r\n\r\neA==\r\n--b--"),
            "send its bytes as they are",
        ),
    ] {
        let error = read(body.as_bytes(), "b").unwrap_err();
        assert!(error.public().contains(words), "{body:?}: {error}");
    }
    assert!(read(b"--b\r\nx: \xff\r\n\r\nx\r\n--b--", "b").is_err());
    assert_eq!(read(b"--b--", "b").unwrap(), [], "no parts at all");
}

#[test]
fn there_is_a_bound_on_parts() {
    let part = "--b\r\nContent-Disposition: form-data; filename=x\r\n\r\n\r\n";
    let body = |parts: usize| format!("{}--b--", part.repeat(parts));
    assert_eq!(read(body(8).as_bytes(), "b").unwrap().len(), 8);
    assert_eq!(read(body(9).as_bytes(), "b").unwrap_err().kind(), Kind::TooLarge);
}

/// A body as the HTML standard writes it.
fn written(parts: &[(String, Vec<u8>)], boundary: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in parts {
        let name = name.replace('"', "%22");
        body.extend(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"assets\"; filename=\"{name}\"\r\n\r\n")
                .bytes(),
        );
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").bytes());
    body
}

fn boundaries() -> impl Strategy<Value = String> {
    "[A-Za-z0-9'()+_,./:=?-]{1,70}"
}

/// Bytes that look like boundaries more often than chance would have it.
fn contents() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..8),
        Just(b"\r\n--".to_vec()),
        Just(b"\r\n\r\n".to_vec()),
        Just(b"--\r\n".to_vec()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn what_was_put_in_is_found(
        boundary in boundaries(),
        parts in proptest::collection::vec(("[^/\\\\\"%\\p{C}]{1,20}", contents()), 0..6),
    ) {
        let delimiter = format!("--{boundary}");
        prop_assume!(parts.iter().all(|(_, bytes)| !bytes.windows(delimiter.len()).any(|window| window == delimiter.as_bytes())));
        let found = read(&written(&parts, &boundary), &boundary).unwrap();
        let found: Vec<_> = found.into_iter().map(|file| (file.name, file.bytes.to_vec())).collect();
        prop_assert_eq!(found, parts);
    }

    #[test]
    fn nothing_makes_it_panic(content_type in any::<String>(), body in proptest::collection::vec(any::<u8>(), 0..256)) {
        let _ = boundary(&content_type);
        let _ = boundary(&format!("multipart/form-data;{content_type}"));
        let _ = read(&body, "b");
    }

    #[test]
    fn nothing_that_was_cut_or_changed_makes_it_panic(
        bytes in contents(),
        cut in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut body = written(&[("x".into(), bytes.clone()), ("y\";".into(), bytes)], "b");
        let at = at.index(body.len());
        body[at] = byte;
        body.truncate(cut.index(body.len() + 1));
        let _ = read(&body, "b");
    }
}

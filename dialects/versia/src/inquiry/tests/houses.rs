//! Houses: what they say of themselves.

use super::*;

fn metadata() -> Value {
    json!({
        "type": "InstanceMetadata",
        "name": "A",
        "host": "a.example",
        "software": {"name": "versia-server", "version": "0.8.0"},
        "compatibility": {"versions": ["0.5.0"], "extensions": []},
        "public_key": {"algorithm": "ed25519", "key": KEY},
        "shared_inbox": "https://a.example/inbox",
        "created_at": "2024-01-01T00:00:00Z",
        "extensions": {"pub.versia:websockets": {
            "endpoint": "wss://a.example/.versia/ws", "subprotocols": ["pub.versia.websockets.v1"],
        }},
    })
}

fn instance() -> Value {
    changed(
        &metadata(),
        &[
            ("host", Value::Null),
            ("shared_inbox", Value::Null),
            ("domain", json!("a.example")),
            ("/compatibility/versions", json!(["0.6.0"])),
        ],
    )
}

#[test]
fn a_house_tells_of_itself() {
    let (finding, asked) = found_at(&house(), Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &metadata())]);
    assert!(!asked[0].signed);
    let peer = peer(finding);
    assert_eq!(peer.host, host("a.example"));
    assert_eq!(peer.forms, [Form::Uri]);
    assert_eq!(peer.software, "A (versia-server 0.8.0)");
    assert_eq!(peer.key[..4], [0xf6, 0x81, 0x85, 0x3d]);
    assert_eq!(peer.shared_inbox.as_deref(), Some("https://a.example/inbox"));
    assert_eq!(peer.endpoint.as_deref(), Some("wss://a.example/.versia/ws"));
}

#[test]
fn a_house_of_the_later_form_tells_of_itself_elsewhere() {
    let versions = json!({"versions": ["0.6.0", "0.7.1"]});
    let served = [ok(WELL_KNOWN, &versions), ok(INSTANCE, &instance())];
    let (finding, asked) = found_at(&house(), Question::Peer(host("a.example")), &served);
    let peer = peer(finding);
    assert_eq!((peer.forms, peer.shared_inbox), (vec![Form::Reference], None));
    assert!(peer.endpoint.is_some() && !asked[1].signed);
    assert_eq!(asked[1].accept, "application/vnd.versia+json");
}

#[test]
fn who_understands_both_forms_is_spoken_to_in_the_earlier() {
    for document in [
        changed(&metadata(), &[("versions", json!(["0.6.0"]))]),
        changed(&metadata(), &[("/compatibility/versions", json!(["0.5.0", "0.6.0"]))]),
    ] {
        let peer = peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]));
        assert_eq!(peer.forms, [Form::Uri, Form::Reference]);
    }
}

#[test]
fn metadata_is_not_believed() {
    let raw = STANDARD.encode([1; 32]);
    let long = STANDARD.encode([&STANDARD.decode(KEY).unwrap()[..], &[0]].concat());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{KEY}\n-----END PUBLIC KEY-----");
    for (path, value) in [
        ("type", json!("User")),
        ("host", Value::Null),
        ("host", json!("b.example")),
        ("host", json!("A.example")),
        ("host", json!("a.example.")),
        ("host", json!("a.example:443")),
        ("host", json!("a.example.evil.example")),
        ("host", json!("https://a.example")),
        ("host", json!(["a.example"])),
        ("/compatibility/versions", json!(["0.4.0"])),
        ("/compatibility/versions", json!(["0.50.0", "10.5"])),
        ("public_key", Value::Null),
        ("public_key", json!(KEY)),
        ("/public_key/algorithm", json!("Ed25519")),
        ("/public_key/algorithm", json!("rsa")),
        ("/public_key/key", json!(raw)),
        ("/public_key/key", json!(long)),
        ("/public_key/key", json!(pem)),
        ("/public_key/key", json!(KEY.replace("K2VwAyEA", "K2VuAyEA"))),
        ("/public_key/key", json!(KEY.trim_end_matches('='))),
        ("/public_key/key", json!(KEY.replace('/', "_"))),
    ] {
        let document = changed(&metadata(), &[(path, value.clone())]);
        let found = found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]);
        let error = found.unwrap_err();
        assert_eq!(error.kind(), Kind::BadMessage, "{path} {value}");
        assert!(!error.public().contains("evil"), "nothing of it is repeated");
    }
    for (path, value) in [("domain", json!("b.example")), ("domain", json!("a.example:8443")), ("type", json!("x"))] {
        let document = changed(&instance(), &[(path, value)]);
        let served = [ok(WELL_KNOWN, &json!({"versions": ["0.6.0"]})), ok(INSTANCE, &document)];
        assert_eq!(kind(found(Question::Peer(host("a.example")), &served)), Kind::BadMessage, "{path}");
    }
}

#[test]
fn places_of_a_third_party_are_no_places() {
    for endpoint in [
        "wss://c.example/.versia/ws",
        "ws://a.example/.versia/ws",
        "https://a.example/.versia/ws",
        "wss://a.example:8443/.versia/ws",
        "wss://a.example:443/.versia/ws",
        "wss://a.example.evil.example/.versia/ws",
        "wss://a.example@evil.example/.versia/ws",
        "wss://user@a.example/.versia/ws",
        "wss://a.example\\@evil.example/",
        "wss://a.example/.versia/ws?to=evil",
        "wss://a.example/.versia/ws#x",
        "wss://A.example/.versia/ws",
        "wss://127.0.0.1/.versia/ws",
        "wss://[::1]/.versia/ws",
        "//a.example/.versia/ws",
        "/.versia/ws",
        "",
    ] {
        let document = changed(&metadata(), &[("/extensions/pub.versia:websockets/endpoint", json!(endpoint))]);
        let peer = peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]));
        assert_eq!(peer.endpoint, None, "{endpoint}");
    }
    for block in [json!({}), json!({"endpoint": "wss://a.example/.versia/ws", "subprotocols": ["v2"]}), json!(7)] {
        let document = changed(&metadata(), &[("/extensions/pub.versia:websockets", block)]);
        assert_eq!(peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)])).endpoint, None);
    }
    for inbox in ["https://c.example/inbox", "http://a.example/inbox", "https://a.example@c.example/inbox", "inbox"] {
        let document = changed(&metadata(), &[("shared_inbox", json!(inbox))]);
        let peer = peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]));
        assert_eq!(peer.shared_inbox, None, "{inbox}");
    }
}

#[test]
fn what_a_peer_calls_itself_is_harmless() {
    let called = format!("\u{1b}[2J{}\n", "x".repeat(1000));
    let document = changed(&metadata(), &[("name", json!(called))]);
    let peer = peer(found(Question::Peer(host("a.example")), &[ok(WELL_KNOWN, &document)]));
    assert!(peer.software.starts_with("[2Jxxx") && peer.software.len() <= 100);
}

#[test]
fn on_one_machine_peers_are_plain() {
    let house = house_of("http://127.0.0.1:8080", Reach::Loopback);
    let host = Host::parse("127.0.0.1:9090", Reach::Loopback).unwrap();
    let document = changed(
        &metadata(),
        &[
            ("host", json!("127.0.0.1:9090")),
            ("shared_inbox", json!("http://127.0.0.1:9090/inbox")),
            ("/extensions/pub.versia:websockets/endpoint", json!("ws://127.0.0.1:9090/.versia/ws")),
        ],
    );
    let served = [ok("http://127.0.0.1:9090/.well-known/versia", &document)];
    let peer = peer(found_at(&house, Question::Peer(host), &served).0);
    assert_eq!(peer.endpoint.as_deref(), Some("ws://127.0.0.1:9090/.versia/ws"));
    assert_eq!(peer.shared_inbox.as_deref(), Some("http://127.0.0.1:9090/inbox"));
}

//! Tokens, passwords and keys never reach the log, even where everything is logged.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quintet::Server;
use quintet::config::Config;
use quintet_core::Origin;
use quintet_core::identity::Secret;
use quintet_tests::agent::Agent;
use quintet_tests::client::Socket;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tracing_subscriber::filter::LevelFilter;

const PASSWORD: &str = "correct-horse-battery";
const WRONG: &str = "wrong-horse-battery";
const ADMIN: &str = "admin-horse-battery";
const KEY: &str = "key-horse-battery-staple";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends a request and reads the answer: all of it where the server closes, else its head.
async fn say(address: std::net::SocketAddr, line: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    if headers.contains("connection: close") {
        stream.read_to_end(&mut heard).await.unwrap();
    } else {
        while !heard.ends_with(b"\r\n\r\n") {
            heard.push(stream.read_u8().await.unwrap());
        }
    }
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_logged() {
    let captured = Captured::default();
    let writer = captured.clone();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let data = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.api.keys = vec![Secret::new(KEY)];
    let builder = Server::builder().config(config).data(data.path()).admin_password(ADMIN);
    let running = builder.listen("127.0.0.1:0".parse().unwrap()).start().await.unwrap();
    let address = running.addr();

    let close = "connection: close\r\n";
    let login = |password: &str| format!(r#"{{"username":"ann","password":"{password}"}}"#);
    say(address, "POST /api/users/register", close, &login(PASSWORD)).await;
    say(address, "POST /api/tokens", close, &login(WRONG)).await;
    let answer = say(address, "POST /api/tokens", close, &login(PASSWORD)).await;
    let token = answer.split(r#""token":""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    say(address, "GET /api/self", &format!("{close}authorization: Bearer {token}\r\n"), "").await;
    say(address, "GET /quintet/v1/users", &format!("{close}authorization: Bearer {KEY}\r\n"), "").await;
    say(address, &format!("GET /nowhere?token={token}"), close, "").await;
    let upgrade = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                   sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let socket = |line: String, headers: &str| {
        let headers = format!("{upgrade}{headers}");
        async move { say(address, &line, &headers, "").await }
    };
    assert!(socket(format!("GET /client?token={token}"), "").await.contains(" 101 "));
    let header = format!("authorization: Bearer {token}\r\n");
    assert!(socket("GET /websocket".to_owned(), &header).await.contains(" 101 "));
    let origin = running.origin().clone();
    let proven = show_proofs(address, &origin, data.path()).await;
    running.shutdown().await;

    let log = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("path=\"/client\""), "this test hears the access log: {log}");
    for secret in [PASSWORD, WRONG, ADMIN, KEY, token.as_str(), token.split('.').nth(2).unwrap()] {
        assert!(!log.contains(secret), "a secret was logged");
    }
    for secret in proven {
        // The client of this test says what it sends.
        let line = log.lines().find(|line| !line.contains(" tungstenite::") && line.contains(&secret));
        assert!(line.is_none(), "what proves who an agent is was logged: {}", line.unwrap_or_default());
    }
}

/// Shows proofs in every place for one, good and broken, and has the root agent's secret printed; gives back what proves something.
async fn show_proofs(address: std::net::SocketAddr, origin: &Origin, data: &Path) -> Vec<String> {
    let agent = Agent::named("ann", origin);
    let now = quintet::system_clock()();
    let proof = agent.prove(&origin.0, now);
    let (good, broken) = (STANDARD.encode(&proof.json), STANDARD.encode(proof.json.replace("publicKey", "private")));
    for shown in [&good, &broken] {
        for header in [format!("authorization: Bearer {shown}"), format!("cookie: atomic_session={shown}")] {
            say(address, "GET /", &format!("connection: close\r\n{header}\r\n"), "").await;
        }
    }
    let signed: Vec<_> = agent.headers("/", now);
    let lines: Vec<_> = signed.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let lines = lines.concat();
    say(address, "GET /", &format!("connection: close\r\n{lines}"), "").await;
    say(address, "GET /nope", &format!("connection: close\r\n{lines}"), "").await;
    let mut socket = Socket::open(address, "/ws").await.unwrap();
    for json in [proof.json.clone(), proof.json.replace("timestamp", "time"), proof.json.replace("ws", "wx")] {
        socket.say(format!("AUTHENTICATE {json}")).await.unwrap();
    }
    socket.say("GET /").await.unwrap();
    socket.hear_text().await.unwrap();
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_quintet"))
        .args(["agent", "root", "--data"])
        .arg(data)
        .output()
        .unwrap();
    let secret = String::from_utf8(printed.stdout).unwrap().trim().to_owned();
    let opened = STANDARD.decode(&secret).expect("the command prints the secret and nothing else");
    let opened: serde_json::Value = serde_json::from_slice(&opened).unwrap();
    let mut proofs = vec![good, broken, proof.signature, secret, opened["privateKey"].as_str().unwrap().to_owned()];
    proofs.extend(signed.into_iter().filter(|(name, _)| *name == "x-atomic-signature").map(|(_, value)| value));
    assert!(proofs.iter().all(|proof| proof.len() > 40));
    proofs
}

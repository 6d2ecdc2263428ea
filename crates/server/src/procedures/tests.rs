//! Webhooks, asked over real sockets.

use std::collections::VecDeque;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use quintet_core::procedure::Claim;
use quintet_core::procedure::{Actor, ActorKind, Caller, Connection, Invocation, Order, Outcome, Owner};
use quintet_core::time::Clock;
use quintet_core::{Error, Id, Limits, Timestamp};
use rustls::pki_types::PrivateKeyDer;
use rustls::{RootCertStore, ServerConfig};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;

use super::client::Client;
use super::{Hook, webhooks};
use crate::config::{Config, Procedure, SigningKey, WebhookUrl};
use crate::telemetry;

const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";
const NOW: Timestamp = Timestamp::from_millis(1_763_000_000_500);

/// What the back-end is to do with its next request.
enum Act {
    /// Answer it.
    Answer(u16, &'static str),
    /// Never answer it.
    Hang,
    /// Cut its connection.
    Cut,
}

/// A program that answers calls.
struct Backend {
    url: String,
    acts: Arc<Mutex<VecDeque<Act>>>,
    asked: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    task: AbortHandle,
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Backend {
    async fn start(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/calls?key=1", listener.local_addr().unwrap());
        let acts = Arc::new(Mutex::new(acts.into_iter().collect::<VecDeque<_>>()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (plan, log) = (Arc::clone(&acts), Arc::clone(&asked));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (plan, log) = (Arc::clone(&plan), Arc::clone(&log));
                let service = service_fn(move |request| act(request, Arc::clone(&plan), Arc::clone(&log)));
                let serving =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { drop(serving.await) });
            }
        });
        Self { url, acts, asked, task: task.abort_handle() }
    }

    fn asked(&self) -> Vec<(HeaderMap, Bytes)> {
        self.asked.lock().clone()
    }
}

async fn act(
    request: Request<Incoming>,
    acts: Arc<Mutex<VecDeque<Act>>>,
    asked: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
) -> Result<Response<Full<Bytes>>, std::io::Error> {
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", "/calls?key=1"));
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    asked.lock().push((parts.headers, body));
    let next = acts.lock().pop_front();
    match next {
        Some(Act::Answer(status, body)) => {
            let response = Response::builder().status(status).header("location", "/elsewhere");
            Ok(response.body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap())
        }
        Some(Act::Hang) => std::future::pending().await,
        Some(Act::Cut) | None => Err(std::io::Error::other("cut")),
    }
}

fn clock() -> Clock {
    Arc::new(|| NOW)
}

fn hook(url: &str, idempotent: bool) -> Hook {
    believing(RootCertStore::empty(), url, idempotent)
}

/// A webhook with a client that believes these certificates.
fn believing(roots: RootCertStore, url: &str, idempotent: bool) -> Hook {
    let procedure = Procedure {
        name: "billing:*".to_owned(),
        url: WebhookUrl::parse(url),
        secret: SigningKey::parse(SECRET),
        idempotent,
        ..Procedure::default()
    };
    let limits = Limits { webhook_bytes: 1_000, ..Limits::default() };
    super::hook(&procedure, &limits, &Client::new(roots), &clock()).unwrap()
}

fn order(patience: Duration) -> Order {
    let payload = serde_json::value::to_raw_value(&json!({"sum": 12.50})).unwrap();
    let connection = Connection { name: "c-1".into(), dialect: "flamigo".into() };
    let ann = Caller { id: Id::new(4097).unwrap(), username: "ann".into() };
    Order {
        invocation: Invocation { name: "billing:pay".into(), payload, connection: Some(connection), extra: None },
        actor: Actor { kind: ActorKind::Websocket, user: Some(ann), admin: false },
        deadline: NOW.plus_millis(i64::try_from(patience.as_millis()).unwrap()),
        attempt: 1,
    }
}

async fn call(hook: &Hook) -> Result<Outcome, Error> {
    hook.runner.run(order(Duration::from_secs(30))).await
}

/// What came of it, in short.
async fn told(hook: &Hook) -> String {
    match call(hook).await {
        Ok(outcome) => format!("{} {}", outcome.status, outcome.payload),
        Err(error) => format!("{} {}", error.status(), error.public()),
    }
}

#[tokio::test]
async fn a_call_is_one_signed_post() {
    let backend = Backend::start([Act::Answer(201, "{\"paid\":true}")]).await;
    let hook = hook(&backend.url, false);
    assert_eq!(hook.owner, Owner::Webhook("billing:*".into()));
    assert_eq!(told(&hook).await, "201 {\"paid\":true}");
    let [(headers, body)] = &backend.asked()[..] else { panic!("asked more than once") };
    let header = |name: &str| headers[name].to_str().unwrap();
    assert_eq!((header("content-type"), header("webhook-timestamp")), ("application/json", "1763000000"));
    let body: Value = serde_json::from_slice(body).unwrap();
    let expected = json!({
        "id": header("webhook-id"),
        "name": "billing:pay",
        "payload": {"sum": 12.50},
        "actor": {"type": "websocket", "user": {"id": "4097", "username": "ann"}, "admin": false},
        "connection": {"id": "c-1", "dialect": "flamigo"},
        "attempt": 1,
    });
    assert_eq!(body, expected);
    let signer = super::signature::Signer::new(&SigningKey::parse(SECRET).unwrap());
    assert_eq!(header("webhook-signature"), signer.sign(header("webhook-id"), 1_763_000_000, &backend.asked()[0].1));
}

#[tokio::test]
async fn every_answer_has_a_meaning() {
    let large: &'static str = Box::leak(format!("\"{}\"", "x".repeat(2_000)).into_boxed_str());
    let table = [
        (Act::Answer(204, ""), "204 null"),
        (Act::Answer(200, "7"), "200 7"),
        (Act::Answer(200, "seven"), "502 billing:pay answered something that is no JSON"),
        (Act::Answer(302, "7"), "502 billing:pay answered with status 302, which is no answer"),
        (Act::Answer(200, large), "502 billing:pay answered more than 1000 bytes"),
        (Act::Answer(409, "{\"message\":\"paid already\"}"), "409 paid already"),
        (Act::Answer(500, "oops"), "500 internal error"),
        (Act::Cut, "503 billing:pay did not answer, try again soon"),
    ];
    for (act, expected) in table {
        let backend = Backend::start([act]).await;
        assert_eq!(told(&hook(&backend.url, false)).await, expected);
        assert_eq!(backend.asked().len(), 1, "{expected}");
    }
}

#[tokio::test]
async fn who_is_not_there_is_told_at_once() {
    let backend = Backend::start([]).await;
    let url = backend.url.clone();
    drop(backend);
    let expected = "503 billing:pay cannot be reached, try again soon";
    // Until the aborted task is gone, its socket takes connections.
    let hook = hook(&url, false);
    while told(&hook).await != expected {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn who_does_not_answer_in_time_is_left() {
    let backend = Backend::start([Act::Hang]).await;
    let hook = hook(&backend.url, false);
    let error = hook.runner.run(order(super::GRACE + Duration::from_millis(50))).await.unwrap_err();
    assert_eq!((error.status(), error.public()), (504, "billing:pay did not answer in time"));
}

#[tokio::test]
async fn only_what_may_be_done_twice_is_asked_again() {
    let backend = Backend::start([Act::Cut, Act::Cut, Act::Answer(200, "1")]).await;
    assert_eq!(told(&hook(&backend.url, true)).await, "200 1");
    let read = |(headers, body): (HeaderMap, Bytes)| {
        let body: Value = serde_json::from_slice(&body).unwrap();
        (headers["webhook-id"].clone(), body["attempt"].clone())
    };
    let asked: Vec<_> = backend.asked().into_iter().map(read).collect();
    assert_eq!(asked.iter().map(|(_, attempt)| attempt.clone()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(asked.iter().all(|(id, _)| *id == asked[0].0), "one call has one name");
}

#[tokio::test]
async fn who_is_down_is_not_asked() {
    let acts = (0..5).map(|_| Act::Answer(503, "{}")).chain([Act::Answer(200, "1")]);
    let backend = Backend::start(acts).await;
    telemetry::install_metrics();
    let procedure = Procedure {
        name: "down:*".to_owned(),
        url: WebhookUrl::parse(&backend.url),
        secret: SigningKey::parse(SECRET),
        ..Procedure::default()
    };
    let client = Client::new(RootCertStore::empty());
    let hook = super::hook(&procedure, &Limits::default(), &client, &clock()).unwrap();
    let is_shown =
        |open: u8| telemetry::render().contains(&format!("quintet_webhook_open{{procedure=\"down:*\"}} {open}\n"));
    for _ in 0..5 {
        assert!(is_shown(0));
        assert_eq!(told(&hook).await, "503 not available at the moment");
    }
    assert!(is_shown(1));
    assert_eq!(told(&hook).await, "503 billing:pay is down, try again soon");
    assert_eq!((backend.asked().len(), backend.acts.lock().len()), (5, 1));
}

/// So much time passes, for tokio.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn who_was_down_is_asked_again_once_it_answers() {
    let down = |count| std::iter::repeat_n(503, count).map(|status| Act::Answer(status, "{}"));
    let backend = Backend::start(down(6).chain([Act::Answer(200, "1"), Act::Answer(409, "{}")])).await;
    let hook = hook(&backend.url, false);
    for _ in 0..5 {
        assert_eq!(told(&hook).await, "503 not available at the moment");
    }
    for (passed, expected, asked) in [
        (0, "503 billing:pay is down, try again soon", 5),
        (9, "503 billing:pay is down, try again soon", 5),
        (2, "503 not available at the moment", 6),
        (9, "503 billing:pay is down, try again soon", 6),
        (2, "200 1", 7),
        (0, "409 conflict", 8),
    ] {
        pass(Duration::from_secs(passed)).await;
        assert_eq!((told(&hook).await.as_str(), backend.asked().len()), (expected, asked), "after {passed} seconds");
    }
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let hook = hook(&format!("http://{}/", listener.local_addr().unwrap()), false);
    let serve = async {
        let (stream, _) = listener.accept().await.unwrap();
        let answer = |request: Request<Incoming>| async {
            request.into_body().collect().await?;
            Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from_static(b"1"))))
        };
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await
    };
    let ask = async {
        for _ in 0..3 {
            assert_eq!(told(&hook).await, "200 1");
        }
    };
    // The listener takes one connection only.
    tokio::select! {
        () = ask => {}
        ended = serve => panic!("the connection ended: {ended:?}"),
    }
}

#[tokio::test]
async fn over_tls_only_who_is_believed_is_asked() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) =
        (made.cert.der().clone(), PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.clone()], key).unwrap();
    let (acceptor, listener) =
        (TlsAcceptor::from(Arc::new(config)), TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap());
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let serve = async {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let answer = |_| async { Ok::<_, hyper::Error>(Response::new(Full::new(Bytes::from_static(b"1")))) };
            let serving = hyper::server::conn::http1::Builder::new();
            drop(serving.serve_connection(TokioIo::new(stream), service_fn(answer)).await);
        }
    };
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let ask = async {
        assert_eq!(told(&hook(&url, false)).await, "503 billing:pay cannot be reached, try again soon");
        assert_eq!(told(&believing(roots, &url, false)).await, "200 1");
    };
    tokio::select! {
        () = ask => {}
        () = serve => {}
    }
}

#[test]
fn what_is_offered_is_what_is_configured() {
    let procedure = Procedure {
        name: "billing:pay".to_owned(),
        url: WebhookUrl::parse("http://localhost:9"),
        secret: SigningKey::parse(SECRET),
        timeout: Some("5s".parse().unwrap()),
        claims: vec![Claim::Admin],
        concurrency: 3,
        idempotent: true,
        description: Some("pays".to_owned()),
    };
    let config = Config { procedures: vec![procedure.clone(), Procedure::default()], ..Config::default() };
    let [hook] = &webhooks(&config, &clock())[..] else { panic!("a table without a URL is none") };
    let offer = &hook.offer;
    assert_eq!((offer.timeout, offer.concurrency), (Some(Duration::from_secs(5) + super::GRACE), Some(3)));
    assert_eq!(
        (&offer.claims[..], offer.idempotent, offer.description.as_deref()),
        (&[Claim::Admin][..], true, Some("pays"))
    );
    let unbounded = Procedure { concurrency: 0, ..procedure };
    let config = Config { procedures: vec![unbounded], ..Config::default() };
    assert_eq!(webhooks(&config, &clock())[0].offer.concurrency, None);
}

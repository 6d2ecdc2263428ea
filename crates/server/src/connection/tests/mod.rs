//! Connections over real loopback sockets, with sessions and a hall made for each test.

mod ending;
mod flow;
mod peer;
mod slow;
mod tls;
mod wheel;

use std::sync::Arc;

use bytes::Bytes;
use quintet_core::{
    Action, Answer, Body, Call, Credential, Dialect, Error, Frame, Identity, Input, Limits, Pattern, Session, Ticket,
    Timestamp, Topic,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use self::peer::Peer;
use super::closing::Ears;
use super::echo::Echo;
use super::hall::{Asking, Hall};
use super::outlet::Line;
use super::rate::Pace;
use super::registry::{Connections, Settings};
use super::talk::Talk;
use super::task::{Connection, Held};
use super::wire::Stream;
use crate::websocket::deflate::agree;
use crate::websocket::{Bounds, Decoder};

/// A session that is a function.
struct Script<F>(F);

impl<F: FnMut(Input<'_>, &mut Vec<Action>) + Send> Session for Script<F> {
    fn handle(&mut self, input: Input<'_>, _: Timestamp, actions: &mut Vec<Action>) {
        (self.0)(input, actions);
    }
}

/// Answers a call that waits.
type Reply = oneshot::Sender<Result<Answer, Error>>;

/// A hall that hands its calls to the test, and publishes nothing.
struct Desk(mpsc::Sender<Reply>);

impl Hall for Desk {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }

    fn admit(&self) -> Result<(), Error> {
        Ok(())
    }

    fn authenticate(&mut self, _: &Credential) -> Result<Identity, Error> {
        Ok(Identity::House)
    }

    fn subscribe(&mut self, _: Pattern) -> Result<bool, Error> {
        Ok(true)
    }

    fn unsubscribe(&mut self, _: &Pattern) {}

    fn publish(&self, _: Vec<Topic>, _: Body) -> Result<(), Error> {
        Err(Error::forbidden("not here"))
    }

    fn ask(&self, ticket: Ticket, _: Call) -> Asking {
        let (reply, answer) = oneshot::channel();
        self.0.try_send(reply).unwrap();
        Box::pin(async move { (ticket, answer.await.unwrap()) })
    }

    fn mark(&self) {}

    fn is_behind(&self) -> bool {
        false
    }

    fn send_behind(&self, _: &Bytes) -> bool {
        false
    }
}

/// One running connection, seen from everywhere.
struct House {
    connections: Arc<Connections>,
    line: Arc<Line>,
    peer: Peer,
    calls: mpsc::Receiver<Reply>,
    task: JoinHandle<()>,
}

/// What a test wants to be otherwise.
#[derive(Default)]
struct Wish {
    limits: Limits,
    offer: Option<&'static str>,
    rate_limits: bool,
}

impl Wish {
    fn limits(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }
}

fn connections(limits: &Limits, rate_limits: bool) -> Arc<Connections> {
    let dialects: [Arc<dyn Dialect>; 1] = [Arc::new(Echo)];
    Connections::new(limits, &dialects, Settings { compression: true, rate_limits })
}

async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (client, accepted) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
    (client.unwrap(), accepted.unwrap().0)
}

async fn house(wish: Wish, session: impl FnMut(Input<'_>, &mut Vec<Action>) + Send + 'static) -> House {
    let (client, socket) = sockets().await;
    let (connections, line, calls, task) = run(Stream::Plain(socket), &wish, session);
    House { connections, line, peer: Peer::new(client), calls, task }
}

/// A running connection, without its peer.
type Running = (Arc<Connections>, Arc<Line>, mpsc::Receiver<Reply>, JoinHandle<()>);

fn run(stream: Stream, wish: &Wish, session: impl FnMut(Input<'_>, &mut Vec<Action>) + Send + 'static) -> Running {
    let connections = connections(&wish.limits, wish.rate_limits);
    let agreement = wish.offer.and_then(|offer| agree([offer]));
    let (socket, wire) = stream.split();
    let line = Arc::new(Line::new(0, agreement, Arc::clone(&connections.ledger)));
    line.begin(socket);
    let (desk, calls) = mpsc::channel(8);
    let bounds = Bounds { message_bytes: 16 << 20, message_frames: 65_537 };
    let task = tokio::spawn(Connection {
        line: Arc::clone(&line),
        wire,
        decoder: Decoder::new(bounds, agreement.is_some()),
        talk: Some(Talk::new(Box::new(Script(session)), Desk(desk))),
        held: Held::default(),
        pace: Pace::default(),
        receiving: connections.receiving(),
        ears: Ears::default(),
        closing: None,
        place: connections.join(&line).unwrap(),
    });
    (connections, line, calls, task)
}

/// Says back what it hears.
fn echo(input: Input<'_>, actions: &mut Vec<Action>) {
    match input {
        Input::Text(text) => actions.push(Action::Send(Frame::text(text))),
        Input::Binary(bytes) => actions.push(Action::Send(Frame::binary(bytes))),
        Input::Refused(error) => actions.push(Action::Send(Frame::text(error.public()))),
        Input::Answer(..) => {}
    }
}

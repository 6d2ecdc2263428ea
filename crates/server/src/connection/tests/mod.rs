//! Connections over real loopback sockets, with sessions and a hall made for each test.

mod ending;
mod flow;
mod haste;
mod houses;
mod outgoing;
mod peer;
mod slow;
mod tls;
mod wheel;
mod workers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use quintet_core::dialect::{Carriage, Parting};
use quintet_core::federation::{ParcelId, Receipt};
use quintet_core::procedure::{Offer, OrderId, Outcome};
use quintet_core::{
    Action, Answer, Body, Call, Credential, Dialect, Error, Frame, Identity, Input, Limits, Pattern, Session, Ticket,
    Timestamp, Topic,
};
use quintet_hub::procedures::Errand;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use self::peer::Peer;
use super::closing::Ears;
use super::echo::Echo;
use super::hall::{Asking, Hall};
use super::outlet::Line;
use super::registry::{Connections, Seat, Settings};
use super::side::Side;
use super::talk::Talk;
use super::task::{Connection, Held};
use super::tempo::Tempo;
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
struct Desk {
    calls: mpsc::Sender<Reply>,
    /// Takes the replies that stand behind something, where they do.
    behind: Option<mpsc::Sender<Bytes>>,
    /// How often the peer is still too fast over all its connections.
    too_fast: AtomicUsize,
    /// What the peer is to do, where it is a worker.
    errands: Option<mpsc::Receiver<Errand>>,
    /// Why it is to leave.
    partings: Option<mpsc::Receiver<Parting>>,
    /// How much of that has no result yet.
    orders: usize,
    is_peer: bool,
    is_stranger: bool,
}

impl Hall for Desk {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }

    fn admit(&self) -> Result<(), Error> {
        let left = self.too_fast.load(Ordering::Relaxed);
        self.too_fast.store(left.saturating_sub(1), Ordering::Relaxed);
        if left == 0 { Ok(()) } else { Err(Error::too_many("slow down")) }
    }

    fn is_worker(&self) -> bool {
        self.errands.is_some() && !self.is_peer
    }

    fn is_peer(&self) -> bool {
        self.is_peer
    }

    fn is_stranger(&self) -> bool {
        self.is_stranger
    }

    fn authenticate(&mut self, _: &Credential) -> Result<Identity, Error> {
        self.is_stranger = false;
        Ok(Identity::House)
    }

    fn subscribe(&mut self, _: Pattern) -> Result<bool, Error> {
        Ok(true)
    }

    fn unsubscribe(&mut self, _: &Pattern) {}

    fn publish(&self, _: Vec<Topic>, _: Body) -> Result<(), Error> {
        Err(Error::forbidden("not here"))
    }

    fn hold(&self) {}

    fn release(&self, _: Vec<(Topic, u64)>) {}

    fn hear_positions(&self, _: bool) {}

    fn ask(&self, ticket: Ticket, _: Call) -> Asking {
        let (reply, answer) = oneshot::channel();
        self.calls.try_send(reply).unwrap();
        Box::pin(async move { (ticket, answer.await.unwrap()) })
    }

    fn offer(&mut self, _: Vec<Offer>, _: u32) -> Result<(), Error> {
        Ok(())
    }

    fn drain(&mut self) {}

    fn result(&mut self, _: OrderId, _: Result<Outcome, Error>) {
        self.orders -= 1;
    }

    fn carry(&mut self, _carriage: Carriage) -> Result<(), Error> {
        Ok(())
    }

    fn receipt(&mut self, _parcel: ParcelId, _receipt: Receipt) {}

    fn has_orders(&self) -> bool {
        self.orders > 0
    }

    fn poll_errand(&mut self, cx: &mut Context<'_>) -> Poll<Errand> {
        match self.errands.as_mut().map(|errands| errands.poll_recv(cx)) {
            Some(Poll::Ready(Some(errand))) => {
                self.orders += usize::from(matches!(errand, Errand::Do(..)));
                Poll::Ready(errand)
            }
            Some(Poll::Ready(None) | Poll::Pending) | None => Poll::Pending,
        }
    }

    fn poll_parting(&mut self, cx: &mut Context<'_>) -> Poll<Parting> {
        match self.partings.as_mut().map(|partings| partings.poll_recv(cx)) {
            Some(Poll::Ready(Some(why))) => Poll::Ready(why),
            _ => Poll::Pending,
        }
    }

    fn mark(&self) {}

    fn is_behind(&self) -> bool {
        self.behind.is_some()
    }

    fn send_behind(&self, bytes: &Bytes) -> bool {
        self.behind.as_ref().is_some_and(|behind| behind.try_send(bytes.clone()).is_ok())
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
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
struct Wish {
    limits: Limits,
    offer: Option<&'static str>,
    rate_limits: bool,
    tells_haste: bool,
    too_fast: usize,
    behind: Option<mpsc::Sender<Bytes>>,
    errands: Option<mpsc::Receiver<Errand>>,
    partings: Option<mpsc::Receiver<Parting>>,
    /// It is another house.
    peer: bool,
    /// It has a seat among strangers.
    stranger: Option<Seat>,
    /// We are the client.
    outgoing: bool,
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
    let (connections, line, calls, task) = run(Stream::Plain(socket), wish, session);
    House { connections, line, peer: Peer::new(client), calls, task }
}

/// A running connection, without its peer.
type Running = (Arc<Connections>, Arc<Line>, mpsc::Receiver<Reply>, JoinHandle<()>);

fn run(stream: Stream, wish: Wish, session: impl FnMut(Input<'_>, &mut Vec<Action>) + Send + 'static) -> Running {
    let mut connections = connections(&wish.limits, wish.rate_limits);
    Arc::get_mut(&mut connections).unwrap().tell_haste = [wish.tells_haste].into();
    let agreement = wish.offer.and_then(|offer| agree([offer]));
    let (socket, wire) = stream.split();
    let ledger = Arc::clone(&connections.ledger);
    let line = if wish.outgoing { Line::outgoing(0, ledger) } else { Line::new(0, agreement, ledger) };
    let line = Arc::new(line);
    line.begin(socket);
    let (sender, calls) = mpsc::channel(8);
    let desk = Desk {
        calls: sender,
        behind: wish.behind,
        too_fast: wish.too_fast.into(),
        errands: wish.errands,
        partings: wish.partings,
        orders: 0,
        is_peer: wish.peer,
        is_stranger: wish.stranger.is_some(),
    };
    let bounds = Bounds { message_bytes: 16 << 20, message_frames: 65_537 };
    let mut talk = Talk::new(Box::new(Script(session)), desk);
    talk.seat_stranger(wish.stranger);
    let task = tokio::spawn(Connection {
        line: Arc::clone(&line),
        wire,
        decoder: if wish.outgoing { Decoder::of_server(bounds) } else { Decoder::new(bounds, agreement.is_some()) },
        side: Side::Room(talk),
        held: Held::default(),
        tempo: Tempo::default(),
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
        Input::Answer(..) | Input::Order(..) | Input::Cancel(_) | Input::Parcel(_) | Input::Part(_) => {}
    }
}

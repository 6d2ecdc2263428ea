//! Chats that are on disk before they are acknowledged.

use crate::disk::Journal;
use crate::door::Door;
use crate::exchange::{Askers, Talk, measure};
use crate::report::{Figure, Row};
use crate::rooms::Rooms;
use crate::sample::Sample;
use crate::series::Series;
use crate::subject::Subject;
use crate::{Error, Options, Scenario};

/// Writers, each with one chat in flight.
const WRITERS: usize = 64;

/// Measures chats by REST, and on sockets that all hear all chats, beside what the disk alone can do.
pub(crate) fn run(options: &Options, server: &Subject, rooms: &Rooms) -> Result<Vec<Row>, Error> {
    let new = |case: String, server| Series::new(Scenario::Durable, case, server, "chat");
    let mut rest = new(format!("{WRITERS} writers, REST"), server.name);
    let mut sockets = new(format!("{WRITERS} writers, sockets hear all"), server.name);
    let mut alone = new("1 row per fdatasync".to_owned(), "disk floor");
    let mut group = new(format!("{WRITERS} rows per fdatasync"), "disk floor");
    for round in 1..=options.rounds {
        options.tell(&format!("durable: round {round} of {}", options.rounds));
        rest.push(write(options, server, |_| Door::http(), rooms.rest_chats())?);
        sockets.push(write(options, server, |writer| rooms.chatting(writer), rooms.socket_chats())?);
        let mut journal = Journal::create(&options.scratch)?;
        alone.push(journal.measure(1, options.duration)?);
        group.push(journal.measure(WRITERS, options.duration)?);
    }
    let others = [(Figure::Rate, &group), (Figure::P50, &alone)];
    Ok(vec![rest.row(&others), sockets.row(&others), alone.row(&[]), group.row(&[])])
}

fn write(options: &Options, server: &Subject, door: impl Fn(usize) -> Door, talk: impl Talk) -> Result<Sample, Error> {
    let mut client = server.client()?;
    let sockets = client.open(WRITERS, door)?;
    server.calm(&mut client)?;
    let sample = measure((server, &mut client), Askers { sockets, depth: 1 }, talk, options.duration)?;
    server.leave(client)?;
    Ok(sample)
}

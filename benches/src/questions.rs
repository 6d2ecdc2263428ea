//! One talk with two servers, at two depths.

use crate::door::Door;
use crate::exchange::{Askers, Talk, measure};
use crate::report::{Figure, Row};
use crate::sample::Sample;
use crate::series::Series;
use crate::subject::Subject;
use crate::{Error, Options, Scenario};

/// Sockets that ask.
pub(crate) const SOCKETS: usize = 100;
/// Questions each keeps open.
pub(crate) const DEPTHS: [usize; 2] = [1, 16];

/// Asks `server`, entered by `door`, and the floor, which echoes, the same questions.
pub(crate) fn run<T: Talk>(
    options: &Options,
    scenario: Scenario,
    (server, door): (&Subject, &Door),
    floor: &Subject,
    talk: impl Fn() -> T,
) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for depth in DEPTHS {
        let new = |server| Series::new(scenario, format!("{SOCKETS} sockets, {depth} in flight"), server, "answer");
        let (mut ours, mut plain) = (new(server.name), new(floor.name));
        for round in 1..=options.rounds {
            options.tell(&format!("{scenario}: {depth} in flight, round {round} of {}", options.rounds));
            ours.push(converse(options, server, |_| door.clone(), depth, talk())?);
            plain.push(converse(options, floor, |_| Door::socket("/"), depth, talk())?);
        }
        rows.push(ours.row(&[(Figure::Cpu, &plain), (Figure::P50, &plain)]));
        rows.push(plain.row(&[]));
    }
    Ok(rows)
}

/// Asks one server at one depth; the i-th socket goes in by `door(i)`.
pub(crate) fn converse(
    options: &Options,
    subject: &Subject,
    door: impl Fn(usize) -> Door,
    depth: usize,
    talk: impl Talk,
) -> Result<Sample, Error> {
    let mut client = subject.client()?;
    let sockets = client.open(SOCKETS, door)?;
    subject.calm(&mut client)?;
    let sample = measure((subject, &mut client), Askers { sockets, depth }, talk, options.duration)?;
    subject.leave(client)?;
    Ok(sample)
}

//! Many connections at rest: how much memory does each take?

use crate::door::Door;
use crate::report::{Figure, Row};
use crate::sample::{Faults, Sample};
use crate::series::Series;
use crate::subject::{Meter, Subject};
use crate::{Error, Options, Scenario};

/// Connections opened and closed beforehand, so that what is paid once is not counted.
const REHEARSAL: usize = 100;

/// Measures `server`, entered by `door(i)`, beside the floor. Once only: memory that an earlier round has left to
/// the allocator would hide the growth of a later one.
pub(crate) fn run(
    options: &Options,
    connections: u32,
    (server, door): (&Subject, &dyn Fn(usize) -> Door),
    floor: &Subject,
) -> Result<Vec<Row>, Error> {
    let new = |server| Series::new(Scenario::Idle, format!("{connections} connections"), server, "connection");
    let (mut ours, mut plain) = (new(server.name), new(floor.name));
    options.tell(&format!("idle: {connections} connections"));
    ours.push(measure(server, connections, door)?);
    plain.push(measure(floor, connections, &|_| Door::socket("/").say("S").expect("OK"))?);
    Ok(vec![ours.row(&[(Figure::Cpu, &plain), (Figure::Bytes, &plain)]), plain.row(&[])])
}

/// Units per second and CPU are those of connecting, upgrading and subscribing.
fn measure(subject: &Subject, connections: u32, door: &dyn Fn(usize) -> Door) -> Result<Sample, Error> {
    let mut client = subject.client()?;
    client.open(REHEARSAL, door)?;
    subject.leave(client)?;
    let mut client = subject.client()?;
    let before = subject.settle(&mut client)?;
    let meter = Meter::start(subject);
    client.open(connections as usize, door)?;
    let spent = meter.stop();
    subject.calm(&mut client)?;
    let after = subject.settle(&mut client)?;
    let bytes = before.zip(after).map(|(before, after)| after.saturating_sub(before));
    subject.leave(client)?;
    Ok(Sample { units: u64::from(connections), spent, latency: None, bytes, faults: Faults::default() })
}

//! One publisher, many subscribers: what does one delivery cost, and how long does it take?

use std::time::Duration;

use crate::crowd::{Crowd, Pace, Stall};
use crate::report::{Figure, Row};
use crate::sample::Sample;
use crate::series::Series;
use crate::subject::Subject;
use crate::{Error, Options, Scenario};

/// Publications in flight in the burst case.
const BURST: usize = 16;

/// One server's series, one per pace.
struct Paces {
    single: Series,
    burst: Series,
    paced: Series,
}

impl Paces {
    fn new(subscribers: u32, server: &'static str) -> Self {
        let new = |case: &str| series(subscribers, case, server);
        Self { single: new("one at a time"), burst: new("16 in flight"), paced: new("paced at half of that") }
    }
}

fn series(subscribers: u32, case: &str, server: &'static str) -> Series {
    Series::new(Scenario::Fanout, format!("{subscribers} subscribers, {case}"), server, "delivery")
}

/// Measures `server`, met in `stall`, beside the plain and the merging floor.
pub(crate) fn run(
    options: &Options,
    subscribers: u32,
    (server, stall): (&Subject, &Stall),
    floor: &Subject,
) -> Result<Vec<Row>, Error> {
    let (mut ours, mut plain) = (Paces::new(subscribers, server.name), Paces::new(subscribers, floor.name));
    let mut merged = series(subscribers, "16 in flight", "merged floor");
    for round in 1..=options.rounds {
        options.tell(&format!("fanout: {subscribers} subscribers, round {round} of {}", options.rounds));
        let period = three_paces(options, (server, stall), subscribers, &mut ours, None)?;
        three_paces(options, (floor, &Stall::floor('P')), subscribers, &mut plain, Some(period))?;
        let mut crowd = Crowd::gather(floor, &Stall::floor('M'), subscribers)?;
        merged.push(crowd.measure(Pace::Burst(BURST), options.duration)?);
        crowd.part()?;
    }
    Ok(vec![
        ours.single.row(&[(Figure::Cpu, &plain.single), (Figure::Rate, &plain.single)]),
        plain.single.row(&[]),
        ours.burst.row(&[(Figure::Cpu, &plain.single), (Figure::Cpu, &merged)]),
        plain.burst.row(&[]),
        merged.row(&[(Figure::Cpu, &plain.single)]),
        ours.paced.row(&[(Figure::Cpu, &plain.paced), (Figure::P50, &plain.paced)]),
        plain.paced.row(&[]),
    ])
}

/// Measures one subject at every pace. Returns the time between two paced publications, which is `period`
/// or, without one, twice what this subject needs at its fastest, so that both sides can be paced alike.
fn three_paces(
    options: &Options,
    (subject, stall): (&Subject, &Stall),
    subscribers: u32,
    series: &mut Paces,
    period: Option<Duration>,
) -> Result<Duration, Error> {
    let mut crowd = Crowd::gather(subject, stall, subscribers)?;
    let single = crowd.measure(Pace::Burst(1), options.duration)?;
    let period = period.unwrap_or_else(|| half_speed(&single, subscribers));
    series.single.push(single);
    series.burst.push(crowd.measure(Pace::Burst(BURST), options.duration)?);
    series.paced.push(crowd.measure(Pace::Every(period), options.duration)?);
    crowd.part()?;
    Ok(period)
}

fn half_speed(single: &Sample, subscribers: u32) -> Duration {
    let publications = single.rate() / f64::from(subscribers);
    Duration::from_secs_f64(2.0 / publications.clamp(0.01, 1e6))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::tests::sample;

    #[test]
    fn half_speed_is_twice_the_time() {
        assert_eq!(half_speed(&sample(100_000, 1), 1000), Duration::from_millis(20));
        assert_eq!(half_speed(&sample(0, 1), 1000), Duration::from_secs(200));
    }
}

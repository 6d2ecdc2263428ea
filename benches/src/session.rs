//! A whole bench, from finding the servers to the report.

use std::cell::OnceCell;

use crate::report::{Failure, Machine, Report, Row};
use crate::rooms::{self, Rooms};
use crate::subject::Subject;
use crate::{
    Error, Options, Process, Scenario, Target, commits, descriptors, durable, echo, fanout, federation, idle,
    procedures, request,
};

/// Measures `target` beside `floor`, a process that runs [`crate::floor()`].
///
/// The target must be a Quintet without rate limits, best in conformance mode, which also has the echo socket. Sixteen
/// users named `bench…` are registered on it, and for commits further ones with as many drives; they stay there. A scenario that cannot be finished becomes a
/// [`Failure`] of the report; the error is for what makes any measurement impossible.
pub fn run(target: &Target, floor: &Process, options: &Options) -> Result<Report, Error> {
    descriptors::raise()?;
    let machine = Machine::this();
    let session = Session {
        server: Subject::find("server", &target.url, target.pid)?,
        floor: Subject::find("floor", floor.url(), Some(floor.pid()))?,
        rooms: OnceCell::new(),
        options,
    };
    let mut report = Report { machine, rows: Vec::new(), failures: Vec::new() };
    for scenario in Scenario::ALL.into_iter().filter(|scenario| options.scenarios.contains(scenario)) {
        session.measure(scenario, &mut report);
    }
    Ok(report)
}

struct Session<'a> {
    server: Subject,
    floor: Subject,
    /// Entered when the first scenario needs users.
    rooms: OnceCell<Rooms>,
    options: &'a Options,
}

impl Session<'_> {
    fn measure(&self, scenario: Scenario, report: &mut Report) {
        let Self { server, floor, options, .. } = self;
        let mut note = |result: Result<Vec<Row>, Error>| match result {
            Ok(rows) => report.rows.extend(rows),
            Err(error) => report.failures.push(Failure { scenario, reason: error.to_string() }),
        };
        match scenario {
            Scenario::Idle => note(self.idle()),
            Scenario::Fanout => {
                for subscribers in &options.subscribers {
                    note(fanout::run(options, *subscribers, (server, &rooms::channel()), floor));
                }
            }
            Scenario::Request => note(request::run(options, server, floor)),
            Scenario::Echo => note(echo::run(options, (server, "/echo"), floor)),
            Scenario::Procedures => {
                note(self.rooms().and_then(|rooms| procedures::run(options, (server, rooms), floor)));
            }
            Scenario::Durable => note(self.rooms().and_then(|rooms| durable::run(options, server, rooms))),
            Scenario::Commits => note(commits::run(options, server)),
            Scenario::Federation => note(federation::run(options, server)),
        }
    }

    fn idle(&self) -> Result<Vec<Row>, Error> {
        let rooms = self.rooms()?;
        let door = |connection| rooms.resting(connection);
        idle::run(self.options, self.options.connections, (&self.server, &door), &self.floor)
    }

    fn rooms(&self) -> Result<&Rooms, Error> {
        if let Some(rooms) = self.rooms.get() {
            return Ok(rooms);
        }
        let rooms = Rooms::enter(&self.server)?;
        Ok(self.rooms.get_or_init(|| rooms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crowd::Stall;
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    /// The floor on a thread of its own, which ends with the test process.
    fn floor() -> Subject {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = mio::net::TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || crate::floor::serve(listener));
        Subject::find("floor", &format!("http://{address}"), None).unwrap()
    }

    fn options() -> Options {
        Options { duration: Duration::from_millis(40), rounds: 1, ..Options::default() }
    }

    #[track_caller]
    fn check(rows: &[Row], count: usize) {
        assert_eq!(rows.len(), count);
        for row in rows {
            assert!(row.rate > 0.0 && row.faults.is_clean(), "{row:?}");
        }
    }

    #[test]
    fn fan_out_reaches_everybody() {
        let floor = floor();
        let rows = fanout::run(&options(), 20, (&floor, &Stall::floor('P')), &floor).unwrap();
        check(&rows, 7);
        assert!(rows.iter().all(|row| row.latency.is_some()));
    }

    #[test]
    fn idle_connections_are_opened_and_let_go() {
        let floor = floor();
        let door = |_| crate::door::Door::socket("/").say("S").expect("OK");
        check(&idle::run(&options(), 150, (&floor, &door), &floor).unwrap(), 2);
    }

    #[test]
    fn questions_are_answered_at_every_depth() {
        let floor = floor();
        check(&echo::run(&options(), (&floor, "/"), &floor).unwrap(), 4);
        check(&questions_of_jac(&floor), 4);
    }

    /// The floor greets nobody, so the door that waits for Jac's greeting would stay shut.
    fn questions_of_jac(floor: &Subject) -> Vec<Row> {
        let door = crate::door::Door::socket("/");
        crate::questions::run(&options(), Scenario::Request, (floor, &door), floor, || rooms::WhoAmI).unwrap()
    }

    #[test]
    fn a_refused_upgrade_is_told() {
        let floor = floor();
        let mut client = floor.client().unwrap();
        // The floor lets go of whoever offers no WebSocket key; plain HTTP does not.
        client.open(1, |_| crate::door::Door::http()).unwrap();
        client.send(0, |reply| reply.send(b"GET / HTTP/1.1\r\n\r\n")).unwrap();
        let error = client.attend(&mut crate::hearer::Deaf, Duration::from_secs(5)).unwrap_err();
        assert!(matches!(error, Error::Closed { socket: 0, .. }), "{error}");
    }

    #[test]
    fn rooms_are_not_entered_where_there_are_none() {
        let error = Rooms::enter(&floor()).unwrap_err();
        assert!(matches!(error, Error::System { .. } | Error::Refused { .. }), "{error}");
    }
}

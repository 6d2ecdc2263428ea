//! Signed commits: verified, on disk, acknowledged and heard.

use serde_json::Value;

use crate::book::Author;
use crate::report::{Figure, Row};
use crate::rooms::random;
use crate::scribe::Scribe;
use crate::series::Series;
use crate::subject::Subject;
use crate::verification::{self, threads};
use crate::way::Way;
use crate::writing::measure;
use crate::{Error, Options, Scenario, http};

/// Writers, each with an agent, a drive and a subscriber of its own.
const WRITERS: usize = 24;
/// Commits that each writer on a socket keeps open.
const DEPTH: usize = 16;

/// Measures commits over HTTP and over sockets, beside what verifying the same signatures takes alone.
pub(crate) fn run(options: &Options, server: &Subject) -> Result<Vec<Row>, Error> {
    let new = |case: String, server| Series::new(Scenario::Commits, case, server, "commit");
    let mut posted = new(format!("{WRITERS} writers, POST /commit"), server.name);
    let mut pipelined = new(format!("{WRITERS} sockets, {DEPTH} in flight"), server.name);
    let mut bare = new(format!("{} threads", threads()), "key floor");
    options.tell("commits: making agents and drives");
    let mut authors = authors(server)?;
    let keys = (0..WRITERS).map(|writer| Scribe::new("http://localhost", "", writer)).collect::<Result<Vec<_>, _>>()?;
    for round in 1..=options.rounds {
        options.tell(&format!("commits: round {round} of {}", options.rounds));
        for (series, way) in [(&mut posted, Way::Http), (&mut pipelined, Way::Sockets(DEPTH))] {
            let (sample, late) = measure(server, &mut authors, way, options.duration)?;
            if late > 0.0 {
                options.tell(&format!("commits: {:.0} % were signed within the measured time", late * 100.0));
            }
            series.push(sample);
        }
        bare.push(verification::measure(&keys, options.duration));
    }
    let others = [(Figure::Rate, &bare), (Figure::Cpu, &bare)];
    Ok(vec![posted.row(&others), pipelined.row(&others), bare.row(&[])])
}

/// Agents of the server, each with its drive. Their first commit makes users of them.
fn authors(server: &Subject) -> Result<Vec<Author>, Error> {
    let peer = (server.address, server.host.as_str());
    let (origin, run) = (origin(server)?, random());
    let author = |writer| {
        let scribe = Scribe::new(&origin, &run, writer)?;
        http::call(peer, "POST /commit", None, &scribe.founding())?;
        Ok(Author::new(scribe))
    };
    (0..WRITERS).map(author).collect()
}

/// What the server calls itself: subjects are of that origin, whatever address it is spoken to at.
fn origin(server: &Subject) -> Result<String, Error> {
    let asked = "GET /";
    let root = http::call((server.address, &server.host), asked, None, "")?;
    let subject = root["@id"].as_str().map(|url| url.trim_end_matches('/').to_owned());
    subject.ok_or_else(|| lacking(asked, &root))
}

fn lacking(asked: &str, answer: &Value) -> Error {
    let answer: String = answer.to_string().chars().take(300).collect();
    Error::Refused { asked: asked.to_owned(), answer: format!("it has no @id: {answer}") }
}

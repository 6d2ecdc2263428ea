//! Inquiries: how peers are found, and what is believed of their answers (versia.md, sections 1.6, 2.2, 3.2 and 5).

mod document;
mod group;
mod named;
mod note;
mod peer;
mod thing;
mod user;

use std::mem;
use std::sync::Arc;

use quintet_core::Error;
use quintet_core::federation::inquiry::{Fetch, Fetched, Inquiry, Question, Step};
use quintet_core::federation::{Address, Finding, Host};

use crate::house::House;
use crate::media;
use document::Document;
use thing::{Thing, Wanted};

/// Begins to find something out.
pub(crate) fn begin(house: &Arc<House>, question: Question) -> Box<dyn Inquiry> {
    Box::new(Walk { house: Arc::clone(house), stage: Stage::Begin(question) })
}

/// An inquiry, and where it stands.
struct Walk {
    house: Arc<House>,
    stage: Stage,
}

/// What was fetched last.
enum Stage {
    /// Nothing yet.
    Begin(Question),
    /// A house's well-known document.
    WellKnown(Host),
    /// A house's own document of 0.6.
    Instance(Host),
    /// The links of a name.
    Links(Host),
    /// Whatever is at a URL.
    At(Address),
    /// Something of a known address.
    Thing(Thing),
    /// All that is needed.
    Over,
}

/// What comes next.
enum Turn {
    Fetch(Fetch, Stage),
    Found(Finding),
}

impl Inquiry for Walk {
    fn step(&mut self, fetched: Option<Result<Fetched, Error>>) -> Step {
        let turn = match (mem::replace(&mut self.stage, Stage::Over), fetched) {
            (Stage::Begin(question), _) => begun(&self.house, question),
            (stage, Some(fetched)) => self.turn(stage, fetched.and_then(document::text)),
            (_, None) => Err(Error::internal("an inquiry without an answer")),
        };
        match turn {
            Ok(Turn::Fetch(fetch, stage)) => {
                self.stage = stage;
                Step::Fetch(fetch)
            }
            Ok(Turn::Found(finding)) => Step::Done(Ok(finding)),
            Err(error) => Step::Done(Err(error)),
        }
    }
}

impl Walk {
    fn turn(&self, stage: Stage, text: Result<Arc<str>, Error>) -> Result<Turn, Error> {
        let house = &self.house;
        let (stage, text) = match (stage, text) {
            (Stage::Thing(thing), Err(error)) => return thing.again(error),
            (stage, text) => (stage, text?),
        };
        let document = Document::of(&text)?;
        match stage {
            Stage::WellKnown(host) => peer::well_known(house, host, &document),
            Stage::Instance(host) => peer::instance(house, &host, &document).map(Turn::Found),
            Stage::Links(host) => thing::fetch(named::linked(house, &host, &document)?, Wanted::User),
            Stage::At(address) => thing::at(house, &address, &document).map(Turn::Found),
            Stage::Thing(thing) => thing.read(house, &document).map(Turn::Found),
            Stage::Begin(_) | Stage::Over => Err(Error::internal("an inquiry that is over")),
        }
    }
}

fn begun(house: &House, question: Question) -> Result<Turn, Error> {
    match &question {
        Question::Peer(host) | Question::Named { host, .. } => check_elsewhere(house, host)?,
        Question::User(address) | Question::Group(address) | Question::Note(address) => {
            check_elsewhere(house, &address.host)?;
        }
        // Not read yet.
        Question::At(_) => {}
    }
    match question {
        Question::Peer(host) => {
            let url = format!("{}/.well-known/versia", host.origin());
            Ok(Turn::Fetch(Fetch { url, accept: media::JSON, signed: false }, Stage::WellKnown(host)))
        }
        Question::User(address) => thing::fetch(address, Wanted::User),
        Question::Group(address) => thing::fetch(address, Wanted::Group),
        Question::Note(address) => thing::fetch(address, Wanted::Note),
        Question::Named { name, host } => named::ask(&name, host),
        Question::At(url) => thing::ask_at(house, &url),
    }
}

/// What this house is asked about itself it knows already.
fn check_elsewhere(house: &House, host: &Host) -> Result<(), Error> {
    if house.host.as_ref() == Some(host) {
        return Err(Error::bad_message("this is of this very server; use its name here"));
    }
    Ok(())
}

/// A document that is not to be believed. Of what it says nothing is repeated.
fn unusable(why: &'static str) -> Error {
    Error::bad_message(format!("the other server's answer is not usable: {why}"))
}

#[cfg(test)]
mod tests;

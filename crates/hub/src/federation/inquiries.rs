//! Inquiries: asking another house who somebody is, step by step, as the room says.

use quintet_core::federation::inquiry::{Fetch, Fetched, Step};
use quintet_core::federation::pen::Hand as _;
use quintet_core::federation::{Finding, Host, Own, Question};
use quintet_core::{Error, Kind};

use super::Federation;

/// Fetches of one inquiry: more than the longest needs, so that no answer can lead us on for ever.
const FETCHES_MAX: usize = 8;
/// Length of an address or URL of another house that is kept in mind.
const ADDRESS_BYTES: usize = 2_048;

impl Federation {
    /// Finds something out, by asking its house now. `NotFound`, `Unavailable` for passing reasons, `BadMessage` for what is not to be
    /// believed, `Forbidden` for a house with which this one does not speak.
    pub(crate) async fn find(&self, question: Question) -> Result<Finding, Error> {
        if let Some(host) = self.host_of(&question) {
            self.must_be_welcome(&host)?;
        }
        let mut inquiry = self.tongue.inquire(question);
        let mut fetched = None;
        for _ in 0..=FETCHES_MAX {
            match inquiry.step(fetched) {
                Step::Done(found) => return found.and_then(sound),
                Step::Fetch(fetch) => fetched = Some(self.fetch(&fetch).await),
            }
        }
        Err(Error::bad_message("the other server leads on and on, nothing was found out"))
    }

    /// Whose answer it will be.
    fn host_of(&self, question: &Question) -> Option<Host> {
        match question {
            Question::Peer(host) | Question::Named { host, .. } => Some(host.clone()),
            Question::User(address) | Question::Group(address) | Question::Note(address) => Some(address.host.clone()),
            Question::At(url) => Host::of_origin(url, self.rules.reach),
        }
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Fetched, Error> {
        let carrier = self.carrier.get().ok_or_else(|| Error::unavailable("nothing is fetched yet, try again soon"))?;
        let mut headers = Vec::new();
        if fetch.signed {
            let at = self.now();
            let letterhead = self.tongue.sign_fetch(fetch, at);
            let signature = self.keys.sign(&Own::House, letterhead.text.as_bytes());
            headers = self.tongue.headers(&letterhead, at, &signature);
        }
        headers.push(("accept", fetch.accept.to_owned()));
        carrier.fetch(&fetch.url, headers).await
    }
}

/// A finding that can be kept in mind: what names or leads to something is of a sane length.
fn sound(finding: Finding) -> Result<Finding, Error> {
    let short = |text: &Option<String>| text.as_ref().is_none_or(|text| text.len() <= ADDRESS_BYTES);
    let fits = match &finding {
        Finding::Peer(peer) => {
            peer.software.len() <= ADDRESS_BYTES && short(&peer.shared_inbox) && short(&peer.endpoint)
        }
        Finding::User(user) => {
            is_short(&user.address.key) && short(&user.inbox) && user.username.len() <= ADDRESS_BYTES
        }
        Finding::Note(_) => true,
    };
    if fits { Ok(finding) } else { Err(Error::bad_message("what the other server answered is too long")) }
}

/// Whether an address can be kept in mind.
pub(super) fn is_short(key: &str) -> bool {
    key.len() <= ADDRESS_BYTES
}

/// Whether something may go well the next time.
pub(super) fn is_passing(kind: Kind) -> bool {
    matches!(kind, Kind::Unavailable | Kind::TooMany | Kind::Internal | Kind::Slow)
}

//! Calls about invites: documents that give whoever accepts them rights to another (atomic-data.md, section 15.5).

use std::sync::Arc;

use quintet_core::hierarchy::{Act, Reader, agents};
use quintet_core::{AgentKey, Answer, Document, Error, Identity, Kind, Subject, Timestamp, term};
use serde_json::{Value, json};

use super::asker::Asker;
use super::lacking::missing;
use crate::founding::SETUP;
use crate::steward::{Task, change};

/// How often it is tried again where many accept an invite at once: each time, one of them gets through.
const ATTEMPTS: usize = 64;

/// An invite with what it is for.
struct Invite {
    document: Document,
    target: Document,
    /// To write, or only to read?
    write: bool,
}

impl Asker<'_> {
    /// Whoever knows an invite's URL may accept it, for any agent: that is what it is for.
    pub(super) async fn accept_invite(&self, invite: &Subject, agent: AgentKey) -> Result<Answer, Error> {
        self.must_be_near(invite)?;
        let url = agent.subject(self.hub.origin());
        for _ in 0..ATTEMPTS {
            let invite = self.invite(invite).await?;
            let accepted = Answer::Accepted { target: invite.target.subject.clone(), agent: url.clone() };
            if self.has_rights(&invite, &url).await? {
                return Ok(accepted);
            }
            invite.must_hold(self.hub.now())?;
            self.must_be_meant(&invite).await?;
            self.as_agent(agent).await?;
            match self.hub.do_as_house(self.caller.via.clone(), invite.tasks(&url)).await {
                // Somebody was faster: what is there now is looked at again.
                Err(error) if matches!(error.kind(), Kind::Stale | Kind::Conflict) => {}
                done => return done.map(|()| accepted),
            }
        }
        Err(Error::unavailable("too many accept this invite at once, try again"))
    }

    /// The first invite of the house makes its owner: nobody from elsewhere is to be faster.
    fn must_be_near(&self, invite: &Subject) -> Result<(), Error> {
        let near = self.caller.local || self.hub.policy.is_admin(self.who());
        if near || invite.path() != SETUP {
            return Ok(());
        }
        Err(Error::forbidden(
            "only on the server's own machine, or as an admin, may this invite be accepted: `quintet agent root` prints there the secret \
             of an agent that may write to the root drive",
        ))
    }

    async fn invite(&self, subject: &Subject) -> Result<Invite, Error> {
        let document = self.hub.store.document(subject).await?.ok_or_else(|| missing(subject.as_str()))?;
        if !document.is_a(term::INVITE) {
            return Err(Error::bad_message(format!("{subject} is no invite")));
        }
        let url = document.text(term::INVITE_TARGET).unwrap_or_default();
        let target = Subject::within(url, self.hub.origin()).filter(|target| target != subject);
        let target = target.ok_or_else(|| Error::bad_message(format!("the invite is for {url}, which is not here")))?;
        let target = self.hub.store.document(&target).await?.ok_or_else(|| missing(url))?;
        let write = document.properties.get(term::INVITE_WRITE) == Some(&Value::Bool(true));
        Ok(Invite { document, target, write })
    }

    /// Whoever made the invite, or changed it last, may still write what it is for (atomic-data.md, section 15.5): else who lost a right could
    /// give it back to itself. `Forbidden` otherwise.
    async fn must_be_meant(&self, invite: &Invite) -> Result<(), Error> {
        let house = self.hub.agent_url();
        let subject = &invite.document.subject;
        let born = self.hub.store.number(subject).await?;
        // To accept it changes it, too; that is the house's doing.
        let events = self.stretch(&subject.topic(), 0, u64::MAX, &mut self.budget()).await?;
        let events = events.into_iter().filter(|event| born.is_none_or(|born| event.id > born));
        let maker =
            events.filter_map(|event| event.commit).map(|commit| Arc::clone(&commit.signer)).rfind(|it| *it != house);
        let Some(maker) = maker else { return Ok(()) };
        let agent = AgentKey::within(&maker, self.hub.origin());
        let user = agent.and_then(|agent| self.hub.directory.user_with_agent(agent));
        let who = user.map(Identity::User).or(agent.map(Identity::Agent)).unwrap_or(Identity::Public);
        let reader = self.hub.policy.reader(&who, self.hub.origin());
        if self.hub.store.may(&reader, Act::Write, &invite.target.subject).await? {
            return Ok(());
        }
        Err(Error::forbidden(format!("{maker} made this invite, and may no longer write {}", invite.target.subject)))
    }

    /// Whether an agent may do already what the invite is for. That it is an admin's does not count.
    async fn has_rights(&self, invite: &Invite, agent: &Subject) -> Result<bool, Error> {
        let reader = Reader { agent: Some(agent.shared()), root: false };
        let target = &invite.target.subject;
        let reads = self.hub.store.may(&reader, Act::Read, target).await?;
        Ok(reads && (!invite.write || self.hub.store.may(&reader, Act::Write, target).await?))
    }
}

impl Invite {
    /// `Conflict` if it has ended or was used up.
    fn must_hold(&self, now: Timestamp) -> Result<(), Error> {
        if self.number(term::INVITE_EXPIRES_AT).is_some_and(|end| end <= now.millis()) {
            return Err(Error::conflict("This invite has expired"));
        }
        if self.number(term::INVITE_USAGES_LEFT).is_some_and(|left| left <= 0) {
            return Err(Error::conflict("No usages left for this invite"));
        }
        Ok(())
    }

    fn number(&self, property: &str) -> Option<i64> {
        self.document.properties.get(property).and_then(Value::as_i64)
    }

    /// Lists the agent at the target, and counts it here.
    fn tasks(&self, agent: &Subject) -> Vec<Task> {
        let acts: &[Act] = if self.write { &[Act::Read, Act::Write] } else { &[Act::Read] };
        let lists = |act: &Act| agents(*act, &self.target.properties).any(|listed| listed == agent.as_str());
        let admit = change(&self.target, |unsigned| {
            for act in acts.iter().filter(|act| !lists(act)) {
                unsigned.push.insert(act.property().to_owned(), json!([agent.as_str()]));
            }
        });
        let count = change(&self.document, |unsigned| {
            unsigned.push.insert(term::INVITE_USERS.to_owned(), json!([agent.as_str()]));
            if let Some(left) = self.number(term::INVITE_USAGES_LEFT) {
                unsigned.set.insert(term::INVITE_USAGES_LEFT.to_owned(), (left - 1).into());
            }
        });
        vec![admit, count]
    }
}

//! Agents who act for the first time: they become users of the house.

use quintet_core::user::{NewAccount, NewLogin};
use quintet_core::{AgentKey, Body, Change, Error, Id, Identity, Kind, Right};

use super::asker::{Asker, said};
use crate::hub::{Caller, locked_out};

impl Asker<'_> {
    /// Somebody who shows an agent's key, however the call came in. `Unauthenticated` if it is locked out.
    pub(super) fn with_key(&self, agent: AgentKey) -> Result<Caller, Error> {
        self.welcome(self.hub.policy.known(&Identity::Agent(agent)))
    }

    /// As [`Asker::with_key`]; who is no user yet becomes one, where anybody may.
    pub(super) async fn as_agent(&self, agent: AgentKey) -> Result<Caller, Error> {
        Asker::new(self.hub, &self.with_key(agent)?).enrolled().await
    }

    /// Whether an agent asks who could become a user.
    pub(super) fn is_newcomer(&self) -> bool {
        self.hub.rules.registration && matches!(self.who(), Identity::Agent(_))
    }

    /// As [`Asker::may`]; a newcomer may what it could as a user to whom nothing was given.
    pub(super) fn could(&self, right: Right, room: Id) -> bool {
        match self.hub.policy.user(self.who()) {
            None if self.is_newcomer() => self.hub.directory.everyone_may(right, room),
            _ => self.may(right, room),
        }
    }

    /// The asker, about to do what it may: a newcomer becomes a user. Waits for nothing with anybody else.
    ///
    /// `TooMany` registrations from one address.
    pub(super) async fn enrolled(&self) -> Result<Caller, Error> {
        let known = self.hub.policy.known(self.who());
        match known {
            Identity::Agent(agent) if self.is_newcomer() => self.welcome(self.enroll(agent).await?),
            known => self.welcome(known),
        }
    }

    fn welcome(&self, identity: Identity) -> Result<Caller, Error> {
        if !self.hub.policy.is_welcome(&identity) {
            return Err(locked_out());
        }
        Ok(Caller { identity, ..self.caller.clone() })
    }

    async fn enroll(&self, agent: AgentKey) -> Result<Identity, Error> {
        if self.hub.rules.rate_limits {
            self.hub.rates.registration(self.caller.address, self.hub.now())?;
        }
        let login = NewLogin::Agent(name(agent));
        let account = NewAccount { login, password: None, agent_secret: None, agent };
        match self.append(Change::Register(Box::new(account))).await {
            Ok(events) => {
                let joined = |body: &Body| if let Body::UserJoined(user) = body { Some(user.id) } else { None };
                Ok(Identity::User(said(&events, joined)?))
            }
            // It came twice at once, and the other one was first.
            Err(error) if error.kind() == Kind::Conflict => {
                self.hub.directory.user_with_agent(agent).map(Identity::User).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}

/// What an agent is called until it says otherwise: `agent-` and the first eight hexadecimal digits of its key.
fn name(agent: AgentKey) -> String {
    let [a, b, c, d, ..] = agent.0;
    format!("agent-{:08x}", u32::from_be_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_from_the_key() {
        let key = AgentKey::from_base64("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=").unwrap();
        assert_eq!(name(key), "agent-03a107bf");
    }
}

//! Naming: what people type and read for what is of this house or of others.

use quintet_core::federation::host::Reach;
use quintet_core::federation::{Address, Host, Own, Target};
use quintet_core::{Error, Id};

use super::Federation;
use crate::hub::Hub;

impl Federation {
    /// By what name others know this house.
    pub fn host(&self) -> &Host {
        self.tongue.host().expect("federation is only opened for a house that others can reach")
    }

    /// Which houses can be peers.
    pub fn reach(&self) -> Reach {
        self.rules.reach
    }

    /// A house that somebody typed, in any case. `BadMessage` for what is no host.
    pub fn typed_host(&self, text: &str) -> Result<Host, Error> {
        Host::parse(&text.to_ascii_lowercase(), self.reach()).ok_or_else(|| {
            Error::bad_message(format!("\"{}\" is no server's name, expected one as in b.example", plain(text)))
        })
    }

    /// What a text names that somebody typed: a URL, or a reference. `BadMessage` for what is neither.
    pub fn target(&self, text: &str) -> Result<Target, Error> {
        self.tongue.target(text)
    }

    /// How something is named for people: the URL where it is.
    pub fn spell(&self, target: &Target) -> String {
        self.tongue.spell(target)
    }
}

impl Hub {
    /// What a user is called here, where it is known: `name@host` if it is of another house.
    pub fn name_at(&self, address: &Address) -> Option<String> {
        let user = self.directory.user_at(&address.key).or_else(|| self.own_user_at(address))?;
        self.directory.user(user).map(|user| user.username)
    }

    fn own_user_at(&self, address: &Address) -> Option<Id> {
        let federation = self.federation().ok().filter(|it| *it.host() == address.host)?;
        match federation.target(&address.key) {
            Ok(Target::Own(Own::User(id))) => Some(id),
            _ => None,
        }
    }
}

/// What somebody typed, as an error can show it.
pub(crate) fn plain(text: &str) -> String {
    const SHOWN: usize = 80;
    text.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect()
}

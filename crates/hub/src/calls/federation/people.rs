//! People: who is meant by a name or URL that somebody typed, here or in another house.

use quintet_core::federation::{Address, Host, Own, Question, Target};
use quintet_core::{Error, Id, Kind, User};

use super::Asker;
use crate::federation::plain;

/// Who is meant, as far as the text alone tells.
pub(super) enum Meant {
    /// A user here, or one of another house that is known here.
    Known(User),
    /// Somebody of another house who has to be asked for there.
    Stranger(Host, Question),
}

impl Asker<'_> {
    /// Who is meant by `name`, `name@host`, or a URL; asks nobody. `NotFound` for who is not here and should be, `BadMessage` for what names nobody.
    pub(super) fn meant(&self, text: &str) -> Result<Meant, Error> {
        let text = text.trim();
        let text = text.strip_prefix("acct:").unwrap_or(text);
        let name = text.strip_prefix('@').unwrap_or(text);
        if text.contains("://") {
            return self.meant_by_url(text);
        }
        match name.rsplit_once('@') {
            Some((name, host)) if !name.is_empty() => self.meant_by_name(name, host),
            _ => self.local(name).map(Meant::Known),
        }
    }

    fn meant_by_url(&self, url: &str) -> Result<Meant, Error> {
        match self.hub.federation()?.target(url)? {
            Target::Own(Own::User(user)) => self.of_house(user, url).map(Meant::Known),
            Target::Own(Own::Room(_)) => {
                Err(Error::bad_message("this is a room of this server: users here are in it without following it"))
            }
            Target::Own(_) => Err(Error::not_found(format!("there is nobody at {}", plain(url)))),
            Target::Remote(address) => Ok(self.known_at(&address).unwrap_or_else(|| {
                let host = address.host;
                Meant::Stranger(host, Question::At(url.to_owned()))
            })),
        }
    }

    fn known_at(&self, address: &Address) -> Option<Meant> {
        let user = self.hub.directory.user_at(&address.key)?;
        self.hub.directory.user(user).map(Meant::Known)
    }

    fn meant_by_name(&self, name: &str, host: &str) -> Result<Meant, Error> {
        let federation = self.hub.federation()?;
        let host = federation.typed_host(host)?;
        if host == *federation.host() {
            return self.local(name).map(Meant::Known);
        }
        let known = self.hub.directory.user_named(&format!("{name}@{host}"));
        // The name alone could be another's, should one house call itself like a user of another.
        match known.filter(|user| user.remote.as_ref().is_some_and(|remote| remote.address.host == host)) {
            Some(user) => Ok(Meant::Known(user)),
            None => Ok(Meant::Stranger(host.clone(), Question::Named { name: name.to_owned(), host })),
        }
    }

    /// A user of this house by its name.
    fn local(&self, name: &str) -> Result<User, Error> {
        let user = self.hub.directory.user_named(name).filter(|user| !user.disabled);
        user.ok_or_else(|| {
            Error::not_found(format!(
                "there is no user \"{}\" here; name somebody of another server as in bob@b.example, or by a URL",
                plain(name)
            ))
        })
    }

    fn of_house(&self, user: Id, url: &str) -> Result<User, Error> {
        let user = self.hub.directory.user(user).filter(|user| user.remote.is_none() && !user.disabled);
        user.ok_or_else(|| Error::not_found(format!("there is nobody at {}", plain(url))))
    }

    /// As [`Asker::meant`], and asks the other house where it must; whoever is found there is a user here from then on.
    /// `Unavailable` where the house is not reached, `Forbidden` where this one does not speak with it.
    pub(super) async fn somebody(&self, text: &str) -> Result<User, Error> {
        match self.meant(text)? {
            Meant::Known(user) => {
                if let Some(remote) = &user.remote {
                    self.speaks_with(&remote.address.host)?;
                }
                Ok(user)
            }
            Meant::Stranger(host, question) => self.introduce(text, &host, question).await,
        }
    }

    async fn introduce(&self, text: &str, host: &Host, question: Question) -> Result<User, Error> {
        self.speaks_with(host)?;
        let found = self.hub.stranger(question, self.caller.via.clone()).await;
        let user = self.hub.directory.user(found.map_err(|error| explained(error, text, host))?);
        user.ok_or_else(|| Error::internal("whoever was adopted just now is not in the directory"))
    }

    fn speaks_with(&self, host: &Host) -> Result<(), Error> {
        let welcome = self.hub.federation()?.must_be_welcome(host);
        welcome.map_err(|_| {
            Error::forbidden(format!(
                "this server does not speak with {host}: its operators blocked it, or have not allowed it"
            ))
        })
    }

    /// How a user is shown: its name, or the URL of a group of another house.
    pub(super) fn shown(&self, user: &User) -> String {
        match (&user.remote, self.hub.federation()) {
            (Some(remote), Ok(federation)) if remote.group => federation.spell(&Target::Remote(remote.address.clone())),
            _ => user.username.clone(),
        }
    }
}

/// What went wrong with an inquiry, with who was asked for whom.
fn explained(error: Error, text: &str, host: &Host) -> Error {
    let text = plain(text);
    let public = match error.kind() {
        Kind::NotFound => format!("{host} knows nobody by {text}; check the spelling"),
        Kind::Unavailable => format!("{host} is not reached at the moment ({}); try again later", error.public()),
        Kind::BadMessage => format!("{host} answered something else than a user for {text} ({})", error.public()),
        _ => return error,
    };
    Error::new(error.kind(), public).because(error)
}

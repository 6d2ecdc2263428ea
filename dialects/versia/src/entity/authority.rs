//! Authority: who may sign what (versia.md, section 4.2).

use quintet_core::Error;
use quintet_core::federation::{Address, Form, Signer, Target};

/// Who is said to do something.
pub(super) enum Actor {
    /// A user: in 0.5 nobody else can sign it, in 0.6 its house does.
    User(Target),
    /// The house itself.
    House,
    /// The house, for something of its own.
    HouseFor(Target),
    /// Whoever signed.
    Signer,
}

/// The actor, where the signer may speak for it; `None` where that is the house. `Forbidden` else.
pub(super) fn check(signer: &Signer, actor: Actor) -> Result<Option<Address>, Error> {
    match (actor, signer) {
        (Actor::User(Target::Remote(user)), Signer::User(by)) if user == *by => Ok(Some(user)),
        (Actor::User(Target::Remote(user)), Signer::Instance(host, Form::Reference)) if user.host == *host => {
            Ok(Some(user))
        }
        (Actor::HouseFor(Target::Remote(thing)), Signer::Instance(host, _)) if thing.host == *host => Ok(None),
        (Actor::House | Actor::Signer, Signer::Instance(..)) => Ok(None),
        (Actor::Signer, Signer::User(by)) => Ok(Some(by.clone())),
        (Actor::User(_), _) => Err(Error::forbidden("the author is not the signer")),
        (Actor::House | Actor::HouseFor(_), _) => Err(Error::forbidden("only its instance can sign this")),
    }
}

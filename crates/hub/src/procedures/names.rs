//! Names that webhooks ask for, before there is a registry: whoever reads a configuration wants to say where a name stands that is not free.

use quintet_core::Error;
use quintet_core::procedure::{Offer, Owner};

use super::entry::Hands;
use super::tables::Tables;

/// The names that are taken: those of the house, and what was taken since.
pub struct Names(Tables);

impl Names {
    /// With the house's own names taken.
    pub fn new() -> Self {
        Self(Tables::of_the_house())
    }

    /// Takes a name, or a family of names, for a webhook. `Conflict` where a registry would refuse it for whose it is already. The name is one that
    /// [`quintet_core::procedure::check_name`] lets through.
    pub fn take(&mut self, name: &str) -> Result<(), Error> {
        let owner = Owner::Webhook(name.into());
        self.0.must_be_free(name, &owner)?;
        self.0.put(Offer::new(name), &owner, &Hands::House, usize::MAX);
        Ok(())
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_house_or_another_webhook_has_is_not_free() {
        let mut names = Names::new();
        for (name, message) in [
            ("pay:*", None),
            (
                "echo",
                Some(
                    "\"echo\" is run by the server itself already; webhook echo cannot run it too, choose another name",
                ),
            ),
            (
                "chat:*",
                Some(
                    "\"chat:delete\" is run by the server itself already; webhook chat:* cannot run \"chat:*\" too, choose another name",
                ),
            ),
            (
                "pay:now",
                Some(
                    "\"pay:*\" is run by webhook pay:* already; webhook pay:now cannot run \"pay:now\" too, choose another name",
                ),
            ),
            ("chat:pin", None),
            ("echo:*", None),
        ] {
            let refusal = names.take(name).err();
            assert_eq!(refusal.as_ref().map(Error::public), message, "{name}");
        }
    }
}

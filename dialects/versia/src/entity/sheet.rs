//! Sheets: an entity under examination, with what its names mean.

use quintet_core::Error;
use quintet_core::federation::{Address, Form, Host, Own, Signer, Target};

use crate::entity::shape::{Shape, as_text, cut};
use crate::house::House;
use crate::naming::{self, ID_CHARS};

/// An entity under examination.
pub(super) struct Sheet<'s> {
    pub(super) house: &'s House,
    pub(super) signer: &'s Signer,
    pub(super) sender: &'s Host,
    pub(super) kind: &'s str,
    pub(super) shape: Shape<'s>,
}

impl Sheet<'_> {
    fn names(&self, shape: &Shape<'_>, member: &str, kind: &str, text: &str) -> Result<Target, Error> {
        naming::read(self.house, shape.form(), self.sender, kind, text)
            .map_err(|error| shape.fault(member, error.public()))
    }

    /// What a member points at, which is of this type.
    pub(super) fn target(&self, member: &str, kind: &str) -> Result<Target, Error> {
        self.shape.must(member, self.maybe_target(member, kind)?)
    }

    /// What a member points at, where it is there.
    pub(super) fn maybe_target(&self, member: &str, kind: &str) -> Result<Option<Target>, Error> {
        self.maybe_target_in(&self.shape, member, kind)
    }

    /// What a member of an object within points at.
    pub(super) fn maybe_target_in(&self, shape: &Shape<'_>, member: &str, kind: &str) -> Result<Option<Target>, Error> {
        shape.maybe_text(member)?.map(|text| self.names(shape, member, kind, text)).transpose()
    }

    /// What a list points at, where it is there.
    pub(super) fn maybe_targets(&self, member: &str, kind: &str) -> Result<Option<Vec<Target>>, Error> {
        self.maybe_targets_in(&self.shape, member, kind)
    }

    /// What a list within an object points at.
    pub(super) fn maybe_targets_in(
        &self,
        shape: &Shape<'_>,
        member: &str,
        kind: &str,
    ) -> Result<Option<Vec<Target>>, Error> {
        let Some(items) = shape.maybe_list(member)? else { return Ok(None) };
        let read = |item| match as_text(item) {
            Some(text) => self.names(shape, member, kind, text),
            None => Err(shape.fault(member, "must be an array of strings")),
        };
        items.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// A URI that must be on the sender's host, where it is there (versia.md, section 4.2).
    pub(super) fn maybe_home<'v>(&self, shape: &Shape<'v>, member: &str) -> Result<Option<&'v str>, Error> {
        let Some(text) = shape.maybe_text(member)? else { return Ok(None) };
        match naming::is_at(self.sender, self.house.reach, text) {
            Some(true) => Ok(Some(text)),
            Some(false) => Err(elsewhere(member)),
            None => Err(shape.fault(member, "must be an absolute https URI")),
        }
    }

    /// A URI that must be there, on the sender's host.
    pub(super) fn home<'v>(&self, shape: &Shape<'v>, member: &str) -> Result<&'v str, Error> {
        shape.must(member, self.maybe_home(shape, member)?)
    }

    /// The name of something that can be asked for.
    pub(super) fn thing(&self) -> Result<Address, Error> {
        if self.shape.form() == Form::Reference {
            let id = self.shape.text_where("id", naming::is_id, "must be letters, digits, _ and - (512 at most)")?;
            return Ok(naming::address(self.sender.clone(), self.kind, id));
        }
        self.id()?;
        let key = self.home(&self.shape, "uri")?.into();
        Ok(Address { host: self.sender.clone(), form: Form::Uri, key })
    }

    /// The name of an order: it has no URI, and in 0.6 no name.
    pub(super) fn order(&self) -> Result<Option<Address>, Error> {
        if self.shape.form() == Form::Reference {
            return Ok(None);
        }
        let id = self.id()?;
        if self.shape.get("uri").is_some() {
            return Err(self.shape.fault("uri", "must be null: entities of this type have none"));
        }
        let by = match self.signer {
            Signer::User(address) => &*address.key,
            Signer::Instance(host, _) => host.as_str(),
        };
        let key = format!("{by} {} {id}", self.kind).into();
        Ok(Some(Address { host: self.sender.clone(), form: Form::Uri, key }))
    }

    /// Where lists of a thing of 0.5 are: these, and perhaps some of extensions.
    pub(super) fn check_collections(&self, names: &[&str]) -> Result<(), Error> {
        let collections = self.shape.inner("collections", self.shape.object("collections")?);
        names.iter().try_for_each(|name| self.home(&collections, name).map(|_| ()))?;
        let extra = collections.members().map(|(name, _)| name).filter(|name| name.contains(':'));
        extra.into_iter().try_for_each(|name| self.maybe_home(&collections, name).map(|_| ()))
    }

    /// The id of 0.5: any text, within its bound.
    fn id(&self) -> Result<&str, Error> {
        let short = |text: &str| text.len() <= ID_CHARS || text.chars().nth(ID_CHARS).is_none();
        self.shape.text_where("id", short, "must have 512 characters at most")
    }
}

/// Something of ours that cannot be what is meant is nothing.
pub(super) fn only(target: Target, fits: fn(&Own) -> bool) -> Target {
    match target {
        Target::Own(own) if !fits(&own) => Target::Own(Own::Unknown),
        other => other,
    }
}

fn elsewhere(member: &str) -> Error {
    Error::forbidden(format!("{}: must be on the author's host", cut(member)))
}

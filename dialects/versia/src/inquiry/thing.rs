//! Things: users, groups and notes, at addresses (versia.md, sections 3.1 and 3.6).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use quintet_core::federation::inquiry::Fetch;
use quintet_core::federation::{Address, Finding, Form};
use quintet_core::{Error, Kind};

use super::document::Document;
use super::{Stage, Turn, check_elsewhere, group, note, unusable, user};
use crate::entity::kind;
use crate::house::House;
use crate::{media, naming, signer};

/// Where 0.6 serves entities.
const ENTITIES: &str = "/.versia/v0.6/entities/";
/// What needs no encoding in a segment.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What is to be found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    User,
    Group,
    Note,
}

impl Wanted {
    fn kind(self) -> &'static str {
        match self {
            Self::User => kind::USER,
            Self::Group => kind::GROUP,
            Self::Note => kind::NOTE,
        }
    }

    /// The longer word that deployed servers have for it in paths.
    fn long(self) -> Option<&'static str> {
        match self {
            Self::User => Some("pub.versia:users/User"),
            Self::Note => Some("pub.versia:notes/Note"),
            Self::Group => None,
        }
    }

    fn of_kind(kind: &str) -> Option<Self> {
        let known = [Self::User, Self::Group, Self::Note];
        known.into_iter().find(|wanted| wanted.kind() == kind || wanted.long() == Some(kind))
    }

    fn read(self, house: &House, address: &Address, document: &Document<'_>) -> Result<Finding, Error> {
        match self {
            Self::User => user::read(house, address, document),
            Self::Group => group::read(house, address, document),
            Self::Note => note::read(house, address, document),
        }
    }
}

/// Something that was fetched.
pub(super) struct Thing {
    address: Address,
    wanted: Wanted,
    /// Whether the shorter word was tried before.
    again: bool,
}

impl Thing {
    /// What is not there by its own word is asked for by the longer one.
    pub(super) fn again(self, error: Error) -> Result<Turn, Error> {
        match self.wanted.long() {
            Some(long) if error.kind() == Kind::NotFound && !self.again && self.address.form == Form::Reference => {
                let fetch = Fetch { url: reference_url(&self.address, long)?, accept: media::VERSIA, signed: true };
                Ok(Turn::Fetch(fetch, Stage::Thing(Self { again: true, ..self })))
            }
            _ => Err(error),
        }
    }

    /// Reads it.
    pub(super) fn read(&self, house: &House, document: &Document<'_>) -> Result<Finding, Error> {
        self.wanted.read(house, &self.address, document)
    }
}

/// Fetches something of a known address.
pub(super) fn fetch(address: Address, wanted: Wanted) -> Result<Turn, Error> {
    let fetch = match address.form {
        Form::Uri => Fetch { url: address.key.to_string(), accept: media::JSON, signed: true },
        Form::Reference => Fetch { url: reference_url(&address, wanted.kind())?, accept: media::VERSIA, signed: true },
    };
    Ok(Turn::Fetch(fetch, Stage::Thing(Thing { address, wanted, again: false })))
}

/// Fetches whatever is at a URL.
pub(super) fn ask_at(house: &House, url: &str) -> Result<Turn, Error> {
    let address = address(house, url).ok_or_else(|| Error::bad_message("this is not the URL of anything there"))?;
    check_elsewhere(house, &address.host)?;
    match (address.form, address.key.split_once(' ')) {
        (Form::Uri, _) => {
            let fetch = Fetch { url: address.key.to_string(), accept: media::JSON, signed: true };
            Ok(Turn::Fetch(fetch, Stage::At(address)))
        }
        (Form::Reference, Some((kind, _))) => {
            let wanted = Wanted::of_kind(kind).ok_or_else(nothing_known)?;
            fetch(address, wanted)
        }
        (Form::Reference, None) => Err(nothing_known()),
    }
}

/// Reads whatever was at a URL, by its type.
pub(super) fn at(house: &House, address: &Address, document: &Document<'_>) -> Result<Finding, Error> {
    let wanted = document.text_at(&["type"]).and_then(Wanted::of_kind).ok_or_else(nothing_known)?;
    wanted.read(house, address, document)
}

fn nothing_known() -> Error {
    Error::not_found("there is no user, group or note")
}

/// The address that a URL is, in the form in which its path is laid out.
pub(super) fn address(house: &House, url: &str) -> Option<Address> {
    let address = signer::uri(url, house.reach)?;
    let path = address.key.strip_prefix(address.host.origin().as_str())?;
    let Some(rest) = path.strip_prefix(ENTITIES) else { return Some(address) };
    let (kind, id) = rest.rsplit_once('/')?;
    let decoded = |text| percent_decode_str(text).decode_utf8().ok();
    let (kind, id) = (Wanted::of_kind(&decoded(kind)?)?.kind(), decoded(id)?);
    naming::is_id(&id).then(|| naming::address(address.host, kind, &id))
}

/// The part of a reference that is the entity's own.
pub(super) fn id(address: &Address) -> Option<&str> {
    let id = address.key.rsplit_once(':')?.1;
    naming::is_id(id).then_some(id)
}

fn reference_url(address: &Address, kind: &str) -> Result<String, Error> {
    let id = id(address).ok_or_else(|| unusable("its id is not one"))?;
    let kind = utf8_percent_encode(kind, PLAIN);
    Ok(format!("{}{ENTITIES}{kind}/{id}", address.host.origin()))
}

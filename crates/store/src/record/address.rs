//! How hosts and addresses, ours and those of others, are written down.

use std::sync::Arc;

use quintet_core::federation::host::Reach;
use quintet_core::federation::{Address, Form, Host, Own, Remote, Target};
use serde::{Deserialize, Serialize};

use super::{Number, Record, from_text, to_text};
use crate::tables::{Broken, Kept};

/// A host as it was written. Whether it can be reached is not asked again.
pub(crate) fn host(text: &str) -> Kept<Host> {
    Host::parse(text, Reach::Loopback).ok_or_else(|| Broken::new(format!("{text} is no host")))
}

/// How things are named.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FormRecord {
    Uri,
    Reference,
}

/// An address.
#[derive(Serialize, Deserialize)]
pub(super) struct AddressRecord {
    host: String,
    form: FormRecord,
    key: Arc<str>,
}

impl From<&Address> for AddressRecord {
    fn from(address: &Address) -> Self {
        let form = match address.form {
            Form::Uri => FormRecord::Uri,
            Form::Reference => FormRecord::Reference,
        };
        Self { host: address.host.as_str().to_owned(), form, key: Arc::clone(&address.key) }
    }
}

impl TryFrom<AddressRecord> for Address {
    type Error = Broken;

    fn try_from(record: AddressRecord) -> Kept<Self> {
        let form = match record.form {
            FormRecord::Uri => Form::Uri,
            FormRecord::Reference => Form::Reference,
        };
        Ok(Self { host: host(&record.host)?, form, key: record.key })
    }
}

/// Where a user lives.
#[derive(Serialize, Deserialize)]
pub(super) struct RemoteRecord {
    #[serde(flatten)]
    address: AddressRecord,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    group: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inbox: Option<String>,
}

impl From<&Remote> for RemoteRecord {
    fn from(remote: &Remote) -> Self {
        Self { address: (&remote.address).into(), group: remote.group, inbox: remote.inbox.clone() }
    }
}

impl TryFrom<RemoteRecord> for Remote {
    type Error = Broken;

    fn try_from(record: RemoteRecord) -> Kept<Self> {
        Ok(Self { address: record.address.try_into()?, group: record.group, inbox: record.inbox })
    }
}

/// Something of this house.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OwnRecord {
    House,
    User(Number),
    Note(Number),
    Room(Number),
    Reaction { user: Number, to: Number, reaction: Arc<str> },
    Unknown,
}

impl From<&Own> for OwnRecord {
    fn from(own: &Own) -> Self {
        match own {
            Own::House => Self::House,
            Own::User(id) => Self::User(Number(*id)),
            Own::Note(id) => Self::Note(Number(*id)),
            Own::Room(id) => Self::Room(Number(*id)),
            Own::Reaction { user, to, reaction } => {
                Self::Reaction { user: Number(*user), to: Number(*to), reaction: Arc::clone(reaction) }
            }
            Own::Unknown => Self::Unknown,
        }
    }
}

impl From<OwnRecord> for Own {
    fn from(record: OwnRecord) -> Self {
        match record {
            OwnRecord::House => Self::House,
            OwnRecord::User(id) => Self::User(id.0),
            OwnRecord::Note(id) => Self::Note(id.0),
            OwnRecord::Room(id) => Self::Room(id.0),
            OwnRecord::Reaction { user, to, reaction } => Self::Reaction { user: user.0, to: to.0, reaction },
            OwnRecord::Unknown => Self::Unknown,
        }
    }
}

impl Record for Own {
    fn text(&self) -> Kept<String> {
        to_text(&OwnRecord::from(self))
    }

    fn parse(text: &str) -> Kept<Self> {
        Ok(from_text::<OwnRecord>(text)?.into())
    }
}

/// Something, wherever it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TargetRecord {
    Own(OwnRecord),
    Remote(AddressRecord),
}

impl From<&Target> for TargetRecord {
    fn from(target: &Target) -> Self {
        match target {
            Target::Own(own) => Self::Own(own.into()),
            Target::Remote(address) => Self::Remote(address.into()),
        }
    }
}

impl TryFrom<TargetRecord> for Target {
    type Error = Broken;

    fn try_from(record: TargetRecord) -> Kept<Self> {
        Ok(match record {
            TargetRecord::Own(own) => Self::Own(own.into()),
            TargetRecord::Remote(address) => Self::Remote(address.try_into()?),
        })
    }
}

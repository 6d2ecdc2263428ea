//! What every part of the room knows of the house.

use quintet_core::federation::Host;
use quintet_core::federation::host::Reach;
use quintet_core::{Limits, Origin};

use crate::Options;

/// The house, as its peers know it.
#[derive(Debug)]
pub(crate) struct House {
    /// Its web origin: URIs begin with it.
    pub(crate) origin: Origin,
    /// By what name it is known; `None` where it does not federate.
    pub(crate) host: Option<Host>,
    /// Which servers can be peers.
    pub(crate) reach: Reach,
    pub(crate) limits: Limits,
    pub(crate) strict_metadata: bool,
    /// Whether followers wait until they are let in: what users are told to say of themselves.
    pub(crate) manual: bool,
}

impl House {
    pub(crate) fn new(origin: &Origin, limits: &Limits, options: Options) -> Self {
        let host = if options.enabled { Host::of_origin(&origin.0, options.reach) } else { None };
        Self {
            origin: origin.clone(),
            host,
            reach: options.reach,
            limits: limits.clone(),
            strict_metadata: options.strict_metadata,
            manual: options.manual,
        }
    }
}

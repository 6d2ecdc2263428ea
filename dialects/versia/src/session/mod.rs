//! Sessions with other servers, on sockets that they or we opened (versia.md, section 2).

use std::sync::Arc;

use quintet_core::dialect::Dialing;
use quintet_core::{Action, Error, Hello, Session};

use crate::house::House;

/// A server connects to us.
pub(crate) fn accept(
    _house: &Arc<House>,
    _hello: &Hello<'_>,
    _actions: &mut Vec<Action>,
) -> Result<Box<dyn Session>, Error> {
    Err(Error::internal("to be written"))
}

/// We have connected to a server.
pub(crate) fn dial(
    _house: &Arc<House>,
    _call: &Dialing<'_>,
    _actions: &mut Vec<Action>,
) -> Result<Box<dyn Session>, Error> {
    Err(Error::internal("to be written"))
}

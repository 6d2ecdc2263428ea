//! Entities of other servers: their shape, and who may sign them (versia.md, section 4).

use quintet_core::Error;
use quintet_core::federation::{Incoming, Signer};

use crate::house::House;

/// Reads an entity that is said to be signed by somebody. `BadMessage` for what is no entity, or of a wrong shape (0.5; `Stale` in 0.6, whose status is 422), `Forbidden`
/// where it is not the signer's.
pub(crate) fn read(_house: &House, _signer: &Signer, _text: &str) -> Result<Incoming, Error> {
    Err(Error::internal("to be written"))
}

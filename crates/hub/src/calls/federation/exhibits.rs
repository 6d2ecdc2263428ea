//! Calls from other houses: what this one shows of itself.

use quintet_core::Error;
use quintet_core::federation::desk::Exhibit;
use quintet_core::federation::{Signed, Told};

use super::Asker;

impl Asker<'_> {
    pub(super) async fn show(&self, _exhibit: Exhibit, _reader: Option<Box<Signed>>) -> Result<Told, Error> {
        Err(Error::internal("to be written"))
    }
}

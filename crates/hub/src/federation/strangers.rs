//! Strangers: users of other houses of whom this one hears first because somebody here names them.

use quintet_core::federation::Question;
use quintet_core::{Error, Id};

use crate::hub::Hub;

impl Hub {
    /// Asks another house for a user or group, which is a user here from then on. `NotFound` where there is none, `Unavailable` where the house is not
    /// reached, `Forbidden` where it is blocked, `BadMessage` for what is no user.
    pub(crate) async fn stranger(&self, _question: Question) -> Result<Id, Error> {
        Err(Error::unavailable("this server asks nobody yet"))
    }
}

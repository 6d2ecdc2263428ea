//! Strangers: users of other houses of whom this one hears first because somebody here names them.

use quintet_core::chat::Via;
use quintet_core::federation::{Finding, Question};
use quintet_core::{Error, Id};

use crate::hub::Hub;

impl Hub {
    /// Asks another house for a user or group, which is a user here from then on. Errors are those of [`super::Federation::find`].
    pub(crate) async fn stranger(&self, question: Question, via: Via) -> Result<Id, Error> {
        let federation = self.federation()?;
        match federation.find(question).await? {
            Finding::User(profile) => {
                federation.must_be_welcome(&profile.address.host)?;
                federation.adopt(self, *profile, via).await
            }
            Finding::Peer(_) | Finding::Note(_) => Err(Error::bad_message("that is nobody")),
        }
    }
}

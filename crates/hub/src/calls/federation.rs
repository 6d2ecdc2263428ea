//! Calls about other houses, and from them.

use quintet_core::federation::Ask;
use quintet_core::{Answer, Error};

use super::asker::Asker;

/// Whether anybody may ask this: a signature decides.
pub(super) fn is_open(ask: &Ask) -> bool {
    matches!(ask, Ask::Pen | Ask::Verify(..) | Ask::Receive(..) | Ask::Accept(..) | Ask::Show { .. })
}

/// The stable name in metrics and logs.
pub(super) fn name(ask: &Ask) -> &'static str {
    match ask {
        Ask::Pen => "pen",
        Ask::Verify(..) => "verify",
        Ask::Receive(..) => "receive",
        Ask::Accept(..) => "accept",
        Ask::Show { .. } => "show",
        Ask::Follow(_) => "follow",
        Ask::Unfollow(_) => "unfollow",
        Ask::Follows => "follows",
        Ask::Settle { .. } => "settle_follow",
        Ask::PostNote(_) => "post_note",
        Ask::EditNote { .. } => "edit_note",
        Ask::DeleteNote(_) => "delete_note",
        Ask::React { .. } => "react_to_note",
        Ask::Timeline { .. } => "timeline",
        Ask::Peers => "peers",
        Ask::SetStanding(..) => "set_standing",
        Ask::Requeue(_) => "requeue",
        Ask::DeadLetters(_) => "dead_letters",
        Ask::ForgetKeys(_) => "forget_keys",
        Ask::RotateKeys => "rotate_keys",
        Ask::Entities { .. } => "entities",
    }
}

impl Asker<'_> {
    pub(super) async fn federation(&self, _ask: Ask) -> Result<Answer, Error> {
        self.hub.federation()?;
        Err(Error::internal("to be written"))
    }
}

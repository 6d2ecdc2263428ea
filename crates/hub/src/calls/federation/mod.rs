//! Calls about other houses, and from them. One file per noun, as everywhere.

mod exhibits;
mod follows;
mod inbox;
mod lists;
mod mentions;
mod messages;
mod notes;
mod peers;
mod people;
mod timeline;

use quintet_core::federation::Ask;
use quintet_core::{Answer, Error};

use super::asker::Asker;

/// Whether anybody may ask this: a signature decides.
pub(super) fn is_open(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Pen | Ask::Verify(..) | Ask::Receive(..) | Ask::Accept(..) | Ask::OperatorMessage(_) | Ask::Show { .. }
    )
}

/// The stable name in metrics and logs.
pub(super) fn name(ask: &Ask) -> &'static str {
    match ask {
        Ask::Pen => "pen",
        Ask::Verify(..) => "verify",
        Ask::Receive(..) => "receive",
        Ask::Accept(..) => "accept",
        Ask::OperatorMessage(_) => "operator_message",
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
    pub(super) async fn federation(&self, ask: Ask) -> Result<Answer, Error> {
        self.hub.federation()?;
        let told = match ask {
            Ask::Pen => self.pen()?,
            Ask::Verify(signed, incoming) => self.verify(*signed, incoming).await?,
            Ask::Receive(verified, incoming) => self.receive(*verified, incoming).await?,
            Ask::Accept(signed, incoming) => self.accept(*signed, incoming).await?,
            Ask::OperatorMessage(text) => self.operator_message(&text)?,
            Ask::Show { exhibit, reader } => self.show(exhibit, reader).await?,
            Ask::Follow(whom) => self.follow(&whom).await?,
            Ask::Unfollow(whom) => self.unfollow(&whom).await?,
            Ask::Follows => self.follows()?,
            Ask::Settle { follower, accept } => self.settle(&follower, accept).await?,
            Ask::PostNote(new) => self.post_note(new).await?,
            Ask::EditNote { note, content } => self.edit_note(note, content).await?,
            Ask::DeleteNote(note) => self.delete_note(note).await?,
            Ask::React { note, reaction, adding } => self.react_to_note(&note, reaction, adding).await?,
            Ask::Timeline { before, limit } => self.timeline(before, limit).await?,
            Ask::Peers => self.peers().await?,
            Ask::SetStanding(host, standing) => self.set_standing(host, standing).await?,
            Ask::Requeue(host) => self.requeue(host).await?,
            Ask::DeadLetters(host) => self.dead_letters(host).await?,
            Ask::ForgetKeys(host) => self.forget_keys(&host)?,
            Ask::RotateKeys => self.rotate_keys().await?,
            Ask::Entities { host, before, limit } => self.entities(host, before, limit).await?,
        };
        Ok(Answer::Federation(told))
    }
}

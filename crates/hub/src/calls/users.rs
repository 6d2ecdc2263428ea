//! Calls about users.

use quintet_core::image::Image;
use quintet_core::{Answer, Body, Change, Error, Id, User};

use super::asker::{Asker, said};

impl Asker<'_> {
    /// The user, with whether it is here now.
    pub(super) fn with_status(&self, user: User) -> User {
        User { status: self.hub.presence.status(user.id), ..user }
    }

    pub(super) fn me(&self) -> Result<Answer, Error> {
        self.user_by_id(self.user()?)
    }

    pub(super) fn user_by_id(&self, id: Id) -> Result<Answer, Error> {
        let user = self.hub.directory.user(id).ok_or_else(|| Error::not_found(format!("no user {id}")))?;
        Ok(Answer::User(self.with_status(user)))
    }

    pub(super) fn users(&self) -> Answer {
        let users = self.hub.directory.users();
        Answer::Users(users.into_iter().map(|user| self.with_status(user)).collect())
    }

    pub(super) async fn set_avatar(&self, image: Image) -> Result<Answer, Error> {
        let user = self.user()?;
        self.hub.images.check(&image).await?;
        let events = self.append(Change::SetAvatar { user, image }).await?;
        let changed = |body: &Body| if let Body::UserChanged { user, .. } = body { Some(user.clone()) } else { None };
        Ok(Answer::User(self.with_status(said(&events, changed)?)))
    }
}

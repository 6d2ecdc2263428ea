//! Calls about follows: whom a user here follows, and who follows it.

use quintet_core::federation::{Follow, FollowState, Told};
use quintet_core::{Body, Change, Error, Id, User};

use super::super::asker::said;
use super::Asker;
use super::people::Meant;
use crate::federation::plain;

impl Asker<'_> {
    /// Follows somebody. Who is followed already is answered as it stands; a follow that still waits is asked for again.
    pub(super) async fn follow(&self, whom: &str) -> Result<Told, Error> {
        let me = self.user()?;
        let followee = self.somebody(whom).await?;
        if followee.id == me {
            return Err(Error::bad_message("nobody follows oneself"));
        }
        let standing = self.hub.directory.follow(me, followee.id);
        if standing == Some(FollowState::Accepted) {
            return self.following(&Follow { follower: me, followee: followee.id, state: FollowState::Accepted });
        }
        if standing.is_none() {
            self.has_room_for_follow(me)?;
        }
        let waits = followee.remote.is_some() || self.hub.rules.federation.manual;
        let state = if waits { FollowState::Pending } else { FollowState::Accepted };
        self.set_follow(Follow { follower: me, followee: followee.id, state }).await
    }

    fn has_room_for_follow(&self, me: Id) -> Result<(), Error> {
        let most = self.hub.limits.user_follows;
        if self.hub.directory.followees(me).len() as u64 >= most {
            return Err(Error::bad_message(format!("a user follows {most} at most; unfollow somebody first")));
        }
        Ok(())
    }

    pub(super) async fn unfollow(&self, whom: &str) -> Result<Told, Error> {
        let me = self.user()?;
        let nobody = || Error::not_found(format!("you do not follow {}; see whom you do", plain(whom)));
        let followee = self.known(whom)?.ok_or_else(nobody)?;
        self.hub.directory.follow(me, followee.id).ok_or_else(nobody)?;
        self.set_follow(Follow { follower: me, followee: followee.id, state: FollowState::Ended }).await
    }

    pub(super) fn follows(&self) -> Result<Told, Error> {
        let me = self.user()?;
        let directory = &self.hub.directory;
        let mine = directory.followees(me).into_iter().map(|(id, state)| (me, id, state));
        let others = directory.followers(me).into_iter().map(|(id, state)| (id, me, state));
        let named = mine.chain(others).filter_map(|(follower, followee, state)| {
            let (one, other) = (directory.user(follower)?, directory.user(followee)?);
            Some((Follow { follower, followee, state }, self.shown(&one), self.shown(&other)))
        });
        Ok(Told::Follows(named.collect()))
    }

    /// Lets a follower in, or turns it away; one that is in already can still be turned away.
    pub(super) async fn settle(&self, follower: &str, accept: bool) -> Result<Told, Error> {
        let me = self.user()?;
        let nobody = || Error::not_found(format!("{} does not follow you", plain(follower)));
        let follower = self.known(follower)?.ok_or_else(nobody)?.id;
        let standing = self.hub.directory.follow(follower, me).ok_or_else(nobody)?;
        let state = if accept { FollowState::Accepted } else { FollowState::Rejected };
        if standing == state {
            return self.following(&Follow { follower, followee: me, state });
        }
        self.set_follow(Follow { follower, followee: me, state }).await
    }

    /// Who is meant, without asking anybody; `None` where that is nobody of whom is known here.
    fn known(&self, text: &str) -> Result<Option<User>, Error> {
        Ok(match self.meant(text)? {
            Meant::Known(user) => Some(user),
            Meant::Stranger(..) => None,
        })
    }

    async fn set_follow(&self, follow: Follow) -> Result<Told, Error> {
        let events = self.append(Change::Follow(follow)).await?;
        let follow = said(&events, |body| if let Body::Followed(follow) = body { Some(follow.clone()) } else { None })?;
        self.following(&follow)
    }

    fn following(&self, follow: &Follow) -> Result<Told, Error> {
        let shown = |id: Id| {
            let user = self.hub.directory.user(id);
            user.map(|user| self.shown(&user)).ok_or_else(|| Error::not_found("this user is gone"))
        };
        let (by, whom) = (shown(follow.follower)?, shown(follow.followee)?);
        Ok(Told::Following { follower: by, followee: whom, state: follow.state })
    }
}

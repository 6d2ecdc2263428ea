//! Calls about what came from other houses.

use quintet_core::federation::{FollowState, Host, Told};
use quintet_core::{Error, Id};
use quintet_store::Post;

use super::Asker;

impl Asker<'_> {
    /// What those say whom the asker follows and who let it in, what is said in its groups, and where it is mentioned.
    pub(super) async fn timeline(&self, before: Option<Id>, limit: u64) -> Result<Told, Error> {
        let me = self.user()?;
        let directory = &self.hub.directory;
        let followees = directory.followees(me).into_iter().filter(|(_, state)| *state == FollowState::Accepted);
        let keys = followees.filter_map(|(id, _)| Some(directory.remote(id)?.address.key)).collect();
        self.read_post(Post { host: None, actors: Some((keys, me)), before, limit }).await
    }

    /// Everything; for admins.
    pub(super) async fn entities(&self, host: Option<Host>, before: Option<Id>, limit: u64) -> Result<Told, Error> {
        self.must_be_admin()?;
        self.read_post(Post { host, actors: None, before, limit }).await
    }

    async fn read_post(&self, post: Post) -> Result<Told, Error> {
        let post = Post { limit: post.limit.min(self.hub.limits.page_entities), ..post };
        if post.limit == 0 {
            return Ok(Told::Entities(Vec::new()));
        }
        Ok(Told::Entities(self.hub.store.correspondence().entities(&post).await?))
    }
}

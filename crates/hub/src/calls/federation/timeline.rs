//! Calls about what came from other houses, and what stands beside it in a timeline.

use std::cmp::Reverse;
use std::sync::Arc;

use quintet_core::federation::desk::Kept;
use quintet_core::federation::telling::What;
use quintet_core::federation::{Address, FollowState, Form, Host, Note, Own, Tale, Target, Told};
use quintet_core::{Error, Id, limits};
use quintet_store::Post;

use super::Asker;
use crate::federation::Federation;

impl Asker<'_> {
    /// What those say whom the asker follows and who let it in, here and elsewhere, what is said in its groups, and what mentions or answers it.
    pub(super) async fn timeline(&self, before: Option<Id>, limit: u64) -> Result<Told, Error> {
        let me = self.user()?;
        let directory = &self.hub.directory;
        let (mut keys, mut neighbours) = (Vec::new(), Vec::new());
        for (id, state) in directory.followees(me) {
            match directory.remote(id) {
                _ if state != FollowState::Accepted => {}
                Some(remote) => keys.push(remote.address.key),
                None => neighbours.push(id),
            }
        }
        let limit = limit.min(self.hub.limits.page_entities);
        let mut all = self.posted(Post { host: None, actors: Some((keys, me)), before, limit }).await?;
        all.extend(self.notes_of(&neighbours, before, limit).await?);
        all.sort_unstable_by_key(|kept| Reverse(kept.id));
        all.truncate(limits::size(limit));
        Ok(Told::Entities(all))
    }

    /// Notes of users here, as others would get them.
    async fn notes_of(&self, authors: &[Id], before: Option<Id>, limit: u64) -> Result<Vec<Kept>, Error> {
        if authors.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let federation = self.hub.federation()?;
        let notes = self.hub.store.correspondence().notes_of(authors, before, limit).await?;
        Ok(notes.iter().filter_map(|note| shown(federation, note)).collect())
    }

    /// Everything; for admins.
    pub(super) async fn entities(&self, host: Option<Host>, before: Option<Id>, limit: u64) -> Result<Told, Error> {
        self.must_be_admin()?;
        self.read_post(Post { host, actors: None, before, limit }).await
    }

    async fn read_post(&self, post: Post) -> Result<Told, Error> {
        let post = Post { limit: post.limit.min(self.hub.limits.page_entities), ..post };
        Ok(Told::Entities(self.posted(post).await?))
    }

    async fn posted(&self, post: Post) -> Result<Vec<Kept>, Error> {
        if post.limit == 0 { Ok(Vec::new()) } else { self.hub.store.correspondence().entities(&post).await }
    }
}

/// A note of this house, beside those of others. Nobody signed it: it went nowhere.
fn shown(federation: &Federation, note: &Note) -> Option<Kept> {
    let tale = Tale { id: note.id, at: note.created_at, what: What::Note(note) };
    let telling = federation.tell(&tale, Form::Uri)?;
    let host = federation.host();
    let address = |own| {
        let key = federation.spell(&Target::Own(own)).into();
        Some(Address { host: host.clone(), form: Form::Uri, key })
    };
    Some(Kept {
        id: note.id,
        host: host.clone(),
        kind: telling.kind.into(),
        name: address(Own::Note(note.id)),
        actor: address(Own::User(note.author.id)),
        chat: None,
        at: note.created_at,
        signature: Arc::from(""),
        text: telling.text.into(),
    })
}

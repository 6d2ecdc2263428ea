//! The call that looks for documents by their words.

use quintet_core::document::Search;
use quintet_core::{Answer, Error};
use quintet_store::Hit;

use super::asker::Asker;
use super::names::check_size;

impl Asker<'_> {
    pub(super) async fn search(&self, search: Search) -> Result<Answer, Error> {
        check_size("search", &search.words, self.hub.limits.content_bytes)?;
        let search = Search { limit: search.limit.min(self.hub.limits.search_results), ..search };
        if search.limit == 0 {
            return Ok(Answer::Documents(Vec::new()));
        }
        let hits = self.hub.store.search(&search, &self.reader(), self.searched_rooms()).await?;
        let mut found = Vec::with_capacity(hits.len());
        for hit in hits {
            found.push(match hit {
                Hit::Document(document) => self.listed(document),
                Hit::Chat(chat) => {
                    let subject = self.hub.painter().chat_subject(&chat);
                    self.whole_chat(&chat, subject).await?
                }
            });
        }
        Ok(Answer::Documents(found))
    }
}

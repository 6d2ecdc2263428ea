//! What stands below a drive.

use quintet_core::document::{Page, Query};
use quintet_core::{Document, Error, term};

use super::asker::Asker;

impl Asker<'_> {
    /// A drive with the subjects of what stands below it and may be read, sorted (atomic-data.md, section 14). At the root that is rooms, too.
    pub(super) async fn with_children(&self, mut drive: Document) -> Result<Document, Error> {
        let query = Query {
            property: Some(term::PARENT.into()),
            value: Some(drive.subject.as_str().into()),
            page: Page { size: Some(self.hub.limits.page_members), nested: Some(false), ..Page::default() },
        };
        let mut children: Vec<_> =
            self.found(&query).await?.members.into_iter().map(|child| child.subject.shared()).collect();
        if drive.subject.path().is_empty() {
            let painter = self.hub.painter();
            let top = self.viewed_rooms().into_iter().filter(|room| room.parent.is_none());
            children.extend(top.map(|room| painter.room_subject(room.id).shared()));
        }
        children.sort_unstable();
        let children: Vec<_> = children.iter().map(|child| child.as_ref().into()).collect();
        drive.properties.insert(term::CHILDREN.into(), serde_json::Value::Array(children));
        Ok(drive)
    }
}

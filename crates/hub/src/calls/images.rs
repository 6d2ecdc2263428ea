//! The call for an image.

use quintet_core::image::ImageQuery;
use quintet_core::{Answer, Error};

use super::asker::Asker;

impl Asker<'_> {
    pub(super) async fn image(&self, query: ImageQuery) -> Result<Answer, Error> {
        let image = self.hub.store.image(query.id).await?;
        let image = image.ok_or_else(|| Error::not_found(format!("no image {}", query.id)))?;
        Ok(Answer::Image(self.hub.images.fit(image, query).await?))
    }
}

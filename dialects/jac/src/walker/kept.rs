//! What was made of the catalogue, kept until that changes.

use std::sync::{PoisonError, RwLock};

use quintet_core::procedure::Catalogue;

/// One thing that is made of what is registered: anybody may ask for it, as often as it likes.
pub(crate) struct Kept<T>(RwLock<Option<(u64, T)>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(RwLock::new(None))
    }
}

impl<T: Clone> Kept<T> {
    /// The thing as of now; made anew where the catalogue has changed, or does not tell.
    pub(crate) fn get(&self, catalogue: &dyn Catalogue, make: impl FnOnce() -> T) -> T {
        let Some(revision) = catalogue.revision() else { return make() };
        if let Some((kept, thing)) = &*self.0.read().unwrap_or_else(PoisonError::into_inner)
            && *kept == revision
        {
            return thing.clone();
        }
        let thing = make();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((revision, thing.clone()));
        thing
    }
}

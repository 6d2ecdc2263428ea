//! Images: bytes of a known type.

use bytes::Bytes;

use crate::id::Id;

/// The image types that are taken (Concord: `image/png`, `image/jpeg`, `image/webp`, `image/gif`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageType {
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// `image/webp`
    Webp,
    /// `image/gif`
    Gif,
}

impl ImageType {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Png, Self::Jpeg, Self::Webp, Self::Gif];

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    /// The type that a `Content-Type` value names; parameters and letter case do not count.
    pub fn from_media_type(value: &str) -> Option<Self> {
        let essence = value.split(';').next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|kind| kind.media_type().eq_ignore_ascii_case(essence))
    }
}

/// An image as it was uploaded, or resized from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Its type.
    pub kind: ImageType,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Which image, and how large at the most; the shape is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageQuery {
    /// Its number.
    pub id: Id,
    /// Pixels across at the most.
    pub width: Option<u32>,
    /// Pixels down at the most.
    pub height: Option<u32>,
}

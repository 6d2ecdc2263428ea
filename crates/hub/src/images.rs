//! Images: checking what is uploaded, and making smaller ones, a bounded number at once.

use std::io::Cursor;
use std::sync::Arc;

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader};
use quintet_core::Error;
use quintet_core::image::{Image, ImageQuery, ImageType};
use quintet_core::limits::{self, Limits};
use tokio::sync::Semaphore;

/// Bytes of the largest pixel that any of the four types decodes to (PNG with 16 bits for each of four colours).
const PIXEL_BYTES: u64 = 8;
/// What a decoder may need beside its pixels.
const SPARE_BYTES: u64 = 16 << 20;
/// Of a JPEG that was made smaller, in percent.
const JPEG_QUALITY: u8 = 85;

/// Works on images on threads of their own.
pub struct Images {
    turns: Arc<Semaphore>,
    pixels_max: u64,
    bytes_max: u64,
}

impl Images {
    /// With the bounds of these limits.
    pub fn new(limits: &Limits) -> Self {
        let turns = limits::size(limits.image_jobs).clamp(1, Semaphore::MAX_PERMITS);
        Self { turns: Arc::new(Semaphore::new(turns)), pixels_max: limits.image_pixels, bytes_max: limits.image_bytes }
    }

    /// Whether these bytes are an image of their type. `BadMessage` if not, `TooLarge` in bytes or pixels.
    pub async fn check(&self, image: &Image) -> Result<(), Error> {
        if image.bytes.len() as u64 > self.bytes_max {
            return Err(Error::too_large(format!("an image may have {} bytes at most", self.bytes_max)));
        }
        let (image, pixels_max) = (image.clone(), self.pixels_max);
        self.run(move || decode(&image, pixels_max).map(drop)).await
    }

    /// Pixels across and down, as it is shown; reads the head only. `BadMessage` if it is no image of its type, `TooLarge` in pixels.
    pub fn size(&self, image: &Image) -> Result<(u32, u32), Error> {
        size_of(image, self.pixels_max)
    }

    /// The image, made to fit the query's size: the shape is kept, and nothing is made larger. An animation becomes its first picture.
    pub async fn fit(&self, image: Image, query: ImageQuery) -> Result<Image, Error> {
        if query.width == Some(0) || query.height == Some(0) {
            return Err(Error::bad_message("an image is at least one pixel wide and high"));
        }
        if query.width.is_none() && query.height.is_none() {
            return Ok(image);
        }
        let pixels_max = self.pixels_max;
        self.run(move || fit(image, query, pixels_max)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(Error::internal)?;
        let work = move || {
            let result = work();
            drop(turn);
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}

fn format(kind: ImageType) -> ImageFormat {
    match kind {
        ImageType::Png => ImageFormat::Png,
        ImageType::Jpeg => ImageFormat::Jpeg,
        ImageType::Webp => ImageFormat::WebP,
        ImageType::Gif => ImageFormat::Gif,
    }
}

/// Reads the head of an image only: the size stands there, so that a bomb is refused before it is unpacked.
fn open(image: &Image, pixels_max: u64) -> Result<(impl ImageDecoder, Orientation), Error> {
    let mut reader = ImageReader::with_format(Cursor::new(image.bytes.clone()), format(image.kind));
    let mut bounds = image::Limits::default();
    bounds.max_alloc = Some(pixels_max.saturating_mul(PIXEL_BYTES).saturating_add(SPARE_BYTES));
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(|error| unusable(image.kind, pixels_max, error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > pixels_max {
        return Err(too_many_pixels(pixels_max));
    }
    // Which way is up is a hint; an image without a readable one is good all the same.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((decoder, orientation))
}

/// Across and down, as it is shown.
fn size_of(image: &Image, pixels_max: u64) -> Result<(u32, u32), Error> {
    let (decoder, orientation) = open(image, pixels_max)?;
    let (width, height) = decoder.dimensions();
    let turned = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    Ok(if turned { (height, width) } else { (width, height) })
}

/// The whole image, the right way up.
fn decode(image: &Image, pixels_max: u64) -> Result<DynamicImage, Error> {
    let (decoder, orientation) = open(image, pixels_max)?;
    let picture = DynamicImage::from_decoder(decoder);
    let mut picture = picture.map_err(|error| unusable(image.kind, pixels_max, error))?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn too_many_pixels(pixels_max: u64) -> Error {
    Error::too_large(format!("an image may have {pixels_max} pixels at most"))
}

fn unusable(kind: ImageType, pixels_max: u64, error: ImageError) -> Error {
    match error {
        ImageError::Limits(_) => too_many_pixels(pixels_max),
        other => Error::bad_message(format!("the bytes are no usable {} image", kind.media_type())).because(other),
    }
}

fn fit(image: Image, query: ImageQuery, pixels_max: u64) -> Result<Image, Error> {
    let (width, height) = size_of(&image, pixels_max)?;
    let wanted = (query.width.unwrap_or(u32::MAX), query.height.unwrap_or(u32::MAX));
    if width <= wanted.0 && height <= wanted.1 {
        return Ok(image);
    }
    let small = decode(&image, pixels_max)?.resize(wanted.0.min(width), wanted.1.min(height), FilterType::CatmullRom);
    encode(&small, image.kind)
}

fn encode(picture: &DynamicImage, kind: ImageType) -> Result<Image, Error> {
    let mut bytes = Cursor::new(Vec::new());
    match kind {
        ImageType::Png => picture.write_to(&mut bytes, ImageFormat::Png),
        // These have eight bits a colour at the most; JPEG has no transparency.
        ImageType::Jpeg => {
            picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))
        }
        ImageType::Webp => DynamicImage::from(picture.to_rgba8()).write_to(&mut bytes, ImageFormat::WebP),
        ImageType::Gif => encode_gif(picture, &mut bytes),
    }
    .map_err(Error::internal)?;
    Ok(Image { kind, bytes: bytes.into_inner().into() })
}

fn encode_gif(picture: &DynamicImage, bytes: &mut Cursor<Vec<u8>>) -> Result<(), ImageError> {
    GifEncoder::new(bytes).encode_frame(image::Frame::new(picture.to_rgba8()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use image::RgbaImage;
    use quintet_core::{Id, Kind};

    use super::*;

    fn picture(kind: ImageType, width: u32, height: u32) -> Image {
        encode(&RgbaImage::new(width, height).into(), kind).unwrap()
    }

    fn query(width: Option<u32>, height: Option<u32>) -> ImageQuery {
        ImageQuery { id: Id::HOUSE, width, height }
    }

    fn images() -> Images {
        Images::new(&Limits { image_pixels: 10_000, image_bytes: 100_000, ..Limits::default() })
    }

    #[tokio::test]
    async fn each_type_is_checked_against_its_bytes() {
        for kind in ImageType::ALL {
            let good = picture(kind, 20, 10);
            images().check(&good).await.unwrap();
            for other in ImageType::ALL.into_iter().filter(|other| *other != kind) {
                let wrong = Image { kind: other, bytes: good.bytes.clone() };
                assert_eq!(images().check(&wrong).await.unwrap_err().kind(), Kind::BadMessage, "{kind:?} as {other:?}");
            }
            let cut = Image { kind, bytes: good.bytes.slice(..good.bytes.len() / 3) };
            assert_eq!(images().check(&cut).await.unwrap_err().kind(), Kind::BadMessage, "half a {kind:?}");
        }
        let empty = Image { kind: ImageType::Png, bytes: Bytes::new() };
        assert_eq!(images().check(&empty).await.unwrap_err().kind(), Kind::BadMessage);
    }

    #[tokio::test]
    async fn too_many_bytes_or_pixels_are_too_large() {
        for kind in ImageType::ALL {
            let wide = picture(kind, 101, 100);
            assert_eq!(images().check(&wide).await.unwrap_err().kind(), Kind::TooLarge, "{kind:?}");
        }
        let heavy = Image { kind: ImageType::Png, bytes: vec![0; 100_001].into() };
        assert_eq!(images().check(&heavy).await.unwrap_err().kind(), Kind::TooLarge);
    }

    #[tokio::test]
    async fn images_shrink_in_shape_and_never_grow() {
        let table = [
            // asked for, what a 40 by 20 image becomes
            ((None, None), (40, 20)),
            ((Some(20), None), (20, 10)),
            ((None, Some(5)), (10, 5)),
            ((Some(30), Some(5)), (10, 5)),
            ((Some(400), Some(u32::MAX)), (40, 20)),
            ((Some(1), None), (1, 1)),
        ];
        for kind in ImageType::ALL {
            for ((width, height), expected) in table {
                let small = images().fit(picture(kind, 40, 20), query(width, height)).await.unwrap();
                assert_eq!((small.kind, size_of(&small, 10_000).unwrap()), (kind, expected));
            }
        }
    }

    /// A JPEG that says in its EXIF data that it is to be turned by a quarter.
    fn turned(width: u32, height: u32) -> Image {
        const EXIF: &[u8] = b"\xFF\xE1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let plain = picture(ImageType::Jpeg, width, height).bytes;
        Image { kind: ImageType::Jpeg, bytes: [&plain[..2], EXIF, &plain[2..]].concat().into() }
    }

    #[tokio::test]
    async fn a_photograph_stays_the_right_way_up() {
        let upright = images().fit(turned(40, 20), query(Some(10), None)).await.unwrap();
        assert_eq!(size_of(&upright, 10_000).unwrap(), (10, 20));
        let whole = images().fit(turned(40, 20), query(Some(20), Some(40))).await.unwrap();
        assert_eq!(whole, turned(40, 20));
    }

    #[tokio::test]
    async fn no_image_is_without_pixels() {
        for (width, height) in [(Some(0), None), (Some(1), Some(0))] {
            let error = images().fit(picture(ImageType::Png, 2, 2), query(width, height)).await.unwrap_err();
            assert_eq!(error.kind(), Kind::BadMessage);
        }
    }
}

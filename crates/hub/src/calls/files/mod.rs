//! Calls about uploaded files: a document for each, its bytes kept under their digest.

mod name;

use std::sync::Arc;

use quintet_core::change::{Commits, Expect};
use quintet_core::commit::Unsigned;
use quintet_core::document::{Download, Properties, Upload};
use quintet_core::hierarchy::Act;
use quintet_core::image::{Image, ImageQuery, ImageType};
use quintet_core::{Answer, Change, Document, Error, Id, Kind, Subject, term};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::name::{media_type, path};
use super::asker::Asker;
use super::lacking::{lacks, missing};
use super::names::check_name;

/// How often names are tried that others have taken in the same millisecond.
const ATTEMPTS: i64 = 16;

/// A file whose bytes are kept.
struct Kept {
    name: String,
    /// Everything but where it stands.
    properties: Properties,
}

impl Asker<'_> {
    pub(super) async fn upload(&self, parent: &Subject, files: Vec<Upload>) -> Result<Answer, Error> {
        self.must_fit(&files)?;
        let reader = self.reader();
        if !self.hub.store.may(&reader, Act::Write, parent).await? {
            return Err(lacks(Act::Write, &reader));
        }
        let mut kept = Vec::with_capacity(files.len());
        for file in files {
            kept.push(self.keep(file, parent).await?);
        }
        for attempt in 0..ATTEMPTS {
            match self.describe(&kept, attempt).await {
                Err(error) if error.kind() == Kind::Stale => {}
                done => return done.map(Answer::Documents),
            }
        }
        Err(Error::unavailable("too many files of this name are coming in at once, try again"))
    }

    fn must_fit(&self, files: &[Upload]) -> Result<(), Error> {
        let limits = &self.hub.limits;
        if files.is_empty() {
            return Err(Error::bad_message("there is no file in this upload"));
        }
        if files.len() as u64 > limits.upload_files {
            return Err(Error::too_large(format!("an upload may have {} files at most", limits.upload_files)));
        }
        let bytes: u64 = files.iter().map(|file| file.bytes.len() as u64).sum();
        if bytes > limits.upload_bytes {
            return Err(Error::too_large(format!("an upload may have {} bytes at most", limits.upload_bytes)));
        }
        files.iter().try_for_each(|file| check_name("file name", &file.name, limits))
    }

    async fn keep(&self, file: Upload, parent: &Subject) -> Result<Kept, Error> {
        let bytes = file.bytes.clone();
        // Of a large file it takes longer than others may be kept waiting.
        let digest = tokio::task::spawn_blocking(move || <[u8; 32]>::from(Sha256::digest(&bytes)));
        let digest = digest.await.map_err(Error::internal)?;
        self.hub.store.keep_file(digest, file.bytes.clone()).await?;
        let media_type = media_type(file.media_type.as_deref(), &file.name);
        let mut properties = Properties::new();
        let mut put = |property: &str, value: Value| properties.insert(property.to_owned(), value);
        put(term::IS_A, json!([term::FILE]));
        put(term::PARENT, parent.as_str().into());
        put(term::FILENAME, file.name.as_str().into());
        put(term::FILESIZE, file.bytes.len().into());
        put(term::MIMETYPE, media_type.as_str().into());
        put(term::INTERNAL_ID, hex(&digest).into());
        put(term::CHECKSUM, hex(&digest).into());
        if let Some((width, height)) = self.size(&media_type, file.bytes) {
            put(term::IMAGE_WIDTH, width.into());
            put(term::IMAGE_HEIGHT, height.into());
        }
        Ok(Kept { name: file.name, properties })
    }

    /// Pixels across and down, of an image that can be read.
    fn size(&self, media_type: &str, bytes: bytes::Bytes) -> Option<(u32, u32)> {
        let kind = ImageType::from_media_type(media_type)?;
        self.hub.images.size(&Image { kind, bytes }).ok()
    }

    /// Makes the documents, with the asker's rights. `Stale` where one of the names is taken.
    async fn describe(&self, files: &[Kept], attempt: i64) -> Result<Vec<Document>, Error> {
        let (at, origin) = (self.hub.now(), self.hub.origin());
        let author = self.who().user().unwrap_or(Id::HOUSE);
        let count = i64::try_from(files.len()).unwrap_or(i64::MAX);
        let (mut documents, mut commits) = (Vec::new(), Vec::new());
        for (index, file) in (0..).zip(files) {
            let path = path(at.millis() + attempt * count + index, &file.name);
            let mut set = file.properties.clone();
            set.insert(term::DOWNLOAD_URL.to_owned(), format!("{}/download{path}", origin.0).into());
            let subject = Subject::at(origin, &path);
            let unsigned = Unsigned { set, ..Unsigned::new(subject.clone()) };
            let commit = self.hub.keyring.sign(author, at, unsigned);
            documents.extend(commit.apply(Properties::new())?.map(|properties| Document { subject, properties }));
            commits.push((Arc::new(commit), Expect::Last(None)));
        }
        self.append(Change::Commit(Commits { commits, signer: self.reader(), drives: false })).await?;
        Ok(documents)
    }

    pub(super) async fn download(&self, file: &Subject, width: Option<u32>) -> Result<Answer, Error> {
        let document = self.stored_document(file).await?.ok_or_else(|| missing(file.as_str()))?;
        let digest = document.text(term::INTERNAL_ID).and_then(unhex).filter(|_| document.is_a(term::FILE));
        let digest = digest.ok_or_else(|| Error::bad_message(format!("{file} is no file")))?;
        let bytes = self.hub.store.file(digest).await?;
        let bytes = bytes.ok_or_else(|| Error::not_found(format!("the bytes of {file} are not kept here")))?;
        let name = document.text(term::FILENAME).unwrap_or("file").into();
        let media_type = media_type(document.text(term::MIMETYPE), "");
        let bytes = match width {
            Some(width) => self.narrow(&media_type, bytes, width).await?,
            None => bytes,
        };
        Ok(Answer::Download(Box::new(Download { name, media_type, bytes })))
    }

    /// An image no wider than this; anything else as it is.
    async fn narrow(&self, media_type: &str, bytes: bytes::Bytes, width: u32) -> Result<bytes::Bytes, Error> {
        let Some(kind) = ImageType::from_media_type(media_type) else { return Ok(bytes) };
        let query = ImageQuery { id: Id::HOUSE, width: Some(width.max(1)), height: None };
        match self.hub.images.fit(Image { kind, bytes: bytes.clone() }, query).await {
            Ok(image) => Ok(image.bytes),
            Err(error) if matches!(error.kind(), Kind::BadMessage | Kind::TooLarge) => Ok(bytes),
            Err(error) => Err(error),
        }
    }
}

fn hex(digest: &[u8; 32]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    digest.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let digits = text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let bytes: Vec<u8> = text.as_bytes().chunks_exact(2).filter(|_| digits).filter_map(byte).collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_as_they_are_written() {
        let digest = std::array::from_fn(|index| u8::try_from(index * 7).unwrap());
        assert_eq!(unhex(&hex(&digest)), Some(digest));
        for other in ["", "00", &"+0".repeat(32), &"é".repeat(32), &"00".repeat(33)] {
            assert_eq!(unhex(other), None, "{other}");
        }
    }
}

//! Files that come in and go out.

use bytes::Bytes;
use quintet_core::document::{Download, Upload};
use quintet_core::image::ImageType;
use quintet_core::{Answer, Call, Document, Kind, Limits, term};
use quintet_hub::Caller;
use serde_json::{Value, json};

use crate::house::{House, public, rules};
use crate::signer::{Agent, at, set};

const ICON: &[u8] = include_bytes!("../../assets/icon.png");

fn file(name: &str, bytes: &'static [u8]) -> Upload {
    Upload { name: name.into(), media_type: None, bytes: Bytes::from_static(bytes) }
}

fn upload(files: Vec<Upload>) -> Call {
    Call::Upload { parent: at("/ann"), files }
}

/// Ann, who has a private drive at `/ann`.
async fn with_drive(house_: &House) -> Caller {
    let caller = house_.register("ann").await;
    let ann: Agent = house_.key_of("ann").await;
    let own = json!({ term::IS_A: [term::DRIVE], term::READ: [ann.url()], term::WRITE: [ann.url()] });
    house_.hand_in(&ann, set("/ann", own)).await.unwrap();
    caller
}

async fn documents(house_: &House, who: &Caller, files: Vec<Upload>) -> Vec<Document> {
    match house_.ask(who, upload(files)).await {
        Ok(Answer::Documents(documents)) => documents,
        other => panic!("{other:?}"),
    }
}

async fn download(house_: &House, who: &Caller, file: &Document, width: Option<u32>) -> Download {
    match house_.ask(who, Call::Download { file: file.subject.clone(), width }).await {
        Ok(Answer::Download(download)) => *download,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn files_are_described_and_come_back() {
    let house_ = House::new().await;
    let ann = with_drive(&house_).await;
    let made =
        documents(&house_, &ann, vec![file("my note.txt", b"hello"), file("icon.png", ICON), file("icon.png", ICON)])
            .await;
    let [note, icon, twin] = &made[..] else { panic!("{made:?}") };
    let millis = house_.now().millis();
    assert_eq!(note.subject, at(&format!("/files/{millis}-my-note.txt")));
    assert_ne!(icon.subject, twin.subject);
    let of = |document: &Document, property: &str| document.properties.get(property).cloned().unwrap_or_default();
    assert_eq!(of(note, term::IS_A), json!([term::FILE]));
    assert_eq!(of(note, term::PARENT), at("/ann").as_str());
    assert_eq!(of(note, term::FILENAME), "my note.txt");
    assert_eq!(of(note, term::FILESIZE), 5);
    assert_eq!(of(note, term::MIMETYPE), "text/plain");
    // echo -n hello | sha256sum
    assert_eq!(of(note, term::INTERNAL_ID), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_eq!(of(note, term::DOWNLOAD_URL), at(&format!("/download/files/{millis}-my-note.txt")).as_str());
    assert_eq!(of(note, term::IMAGE_WIDTH), Value::Null);
    assert_eq!((of(icon, term::IMAGE_WIDTH), of(icon, term::IMAGE_HEIGHT)), (json!(256), json!(256)));
    assert_eq!(house_.stored(icon.subject.path()).await.as_ref(), Some(icon), "what is answered is what is kept");

    let hello = download(&house_, &ann, note, Some(8)).await;
    assert_eq!((&*hello.name, &*hello.media_type, &hello.bytes[..]), ("my note.txt", "text/plain", &b"hello"[..]));
    assert_eq!(download(&house_, &ann, twin, None).await.bytes, ICON);
    let small = download(&house_, &ann, icon, Some(64)).await;
    assert_eq!(
        (&small.bytes[16..24], &*small.media_type),
        (&[0, 0, 0, 64, 0, 0, 0, 64][..], ImageType::Png.media_type())
    );
}

#[tokio::test]
async fn files_want_rights() {
    let house_ = House::new().await;
    let ann = with_drive(&house_).await;
    let ben = house_.register("ben").await;
    let note = documents(&house_, &ann, vec![file("a.txt", b"hello")]).await.remove(0);
    for (who, kind) in [(public(), Kind::Unauthenticated), (ben, Kind::Forbidden)] {
        assert_eq!(house_.refusal(&who, upload(vec![file("b.txt", b"x")])).await, kind);
        assert_eq!(house_.refusal(&who, Call::Download { file: note.subject.clone(), width: None }).await, kind);
    }
    assert_eq!(house_.refusal(&ann, Call::Download { file: at("/files/1-x"), width: None }).await, Kind::NotFound);
    assert_eq!(house_.refusal(&ann, Call::Download { file: at("/ann"), width: None }).await, Kind::BadMessage);
}

#[tokio::test]
async fn uploads_are_bounded() {
    let limits = Limits { upload_bytes: 10, upload_files: 2, ..Limits::default() };
    let house_ = House::with(limits, rules()).await;
    let ann = with_drive(&house_).await;
    let many = vec![file("a", b"1"), file("b", b"2"), file("c", b"3")];
    let large = vec![file("a", b"123456"), file("b", b"12345")];
    let long = Upload { name: "x".repeat(257), ..file("", b"1") };
    for (files, kind) in [
        (many, Kind::TooLarge),
        (large, Kind::TooLarge),
        (vec![long], Kind::BadMessage),
        (vec![file("a\nb", b"1")], Kind::BadMessage),
        (vec![], Kind::BadMessage),
    ] {
        assert_eq!(house_.refusal(&ann, upload(files)).await, kind);
    }
}

#[tokio::test]
async fn what_is_no_image_after_all_comes_back_as_it_is() {
    let house_ = House::new().await;
    let ann = with_drive(&house_).await;
    let broken = documents(&house_, &ann, vec![file("a.png", b"no image")]).await.remove(0);
    assert_eq!(broken.properties.get(term::IMAGE_WIDTH), None);
    assert_eq!(download(&house_, &ann, &broken, Some(4)).await.bytes, &b"no image"[..]);
}

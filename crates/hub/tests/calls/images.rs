//! Avatars.

use quintet_core::image::{Image, ImageQuery, ImageType};
use quintet_core::{Answer, Call, Kind, Limits};

use crate::house::{House, house, rules, unknown, user};

fn icon() -> Image {
    Image { kind: ImageType::Png, bytes: bytes::Bytes::from_static(include_bytes!("../../assets/icon.png")) }
}

#[tokio::test]
async fn an_avatar_is_kept_as_it_came() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    let avatar = user(house_.ask(&ann, Call::SetAvatar(icon())).await).avatar.unwrap();
    let query = |width| Call::Image(ImageQuery { id: avatar, width, height: None });
    let Ok(Answer::Image(whole)) = house_.ask(&ann, query(None)).await else { panic!() };
    assert_eq!(whole, icon());
    let Ok(Answer::Image(small)) = house_.ask(&ann, query(Some(16))).await else { panic!() };
    assert_eq!((small.kind, &small.bytes[16..24]), (ImageType::Png, &[0, 0, 0, 16, 0, 0, 0, 16][..]));
    assert_eq!(house_.refusal(&ann, query(Some(0))).await, Kind::BadMessage);
    assert_eq!(user(house_.ask(&ann, Call::Me).await).avatar, Some(avatar));
}

#[tokio::test]
async fn what_is_no_image_is_refused() {
    let house_ = House::with(Limits { image_pixels: 65_535, ..Limits::default() }, rules()).await;
    let ann = house_.register("ann").await;
    assert_eq!(house_.refusal(&ann, Call::SetAvatar(icon())).await, Kind::TooLarge);
    let text = Image { kind: ImageType::Png, bytes: "hello".into() };
    assert_eq!(house_.refusal(&ann, Call::SetAvatar(text)).await, Kind::BadMessage);
    assert_eq!(house_.refusal(&house(), Call::SetAvatar(icon())).await, Kind::BadMessage, "the house has no face");
    let query = ImageQuery { id: unknown(), width: None, height: None };
    assert_eq!(house_.refusal(&ann, Call::Image(query)).await, Kind::NotFound);
}

//! The first start, and the end.

use quintet_core::image::ImageQuery;
use quintet_core::{Answer, Call, Error, Identity, Kind, Limits};

use crate::house::{self, House, caller, house, public};

#[tokio::test]
async fn an_empty_store_is_founded_once() {
    let founded = House::founded(Limits::default(), house::rules(), None, vec![]).await;
    let password = founded.made_up_password.as_ref().unwrap().expose().to_owned();
    let signed_in = founded.log_in("admin", &password).await.unwrap();
    assert!(signed_in.admin);

    let Ok(Answer::Server(server)) = founded.ask(&house(), Call::Server).await else { panic!() };
    assert_eq!(server.name, "My Quintet Server");
    let Ok(Answer::Rooms(rooms)) = founded.ask(&house(), Call::Rooms).await else { panic!() };
    let [room] = &rooms[..] else { panic!("{rooms:?}") };
    assert_eq!((&*room.name, room.description.as_deref()), ("general", Some("The default chat channel")));
    assert_eq!((room.ordinality, room.created_by), (0, signed_in.user.id));
    assert_eq!(room.capabilities.as_deref(), Some(&["text".to_owned()][..]));
    assert_eq!(server.default_room, Some(room.id));
    let query = ImageQuery { id: server.icon.unwrap(), width: Some(64), height: None };
    assert!(matches!(founded.ask(&house(), Call::Image(query)).await, Ok(Answer::Image(_))));
}

#[tokio::test]
async fn a_configured_password_is_used_and_not_shown() {
    let founded = House::new().await;
    assert!(founded.made_up_password.is_none());
    assert!(founded.log_in("admin", house::PASSWORD).await.is_ok());
}

#[tokio::test]
async fn after_the_shutdown_every_call_is_unavailable() {
    let house_ = House::new().await;
    let ann = house_.register("ann").await;
    house_.hub.ready().await.unwrap();
    house_.hub.shutdown().await;
    assert_eq!(house_.refusal(&ann, Call::Me).await, Kind::Unavailable);
    assert_eq!(house_.hub.ready().await.unwrap_err().kind(), Kind::Unavailable);
}

#[tokio::test]
async fn only_users_and_the_house_are_answered() {
    let house_ = House::new().await;
    let strangers = [Identity::Public, Identity::Agent([1; 32]), Identity::Instance("x.org".into())];
    for stranger in strangers {
        for call in [Call::Me, Call::Rooms, Call::Server, Call::Users, Call::RenewToken, Call::Roles] {
            assert_eq!(house_.refusal(&caller(stranger.clone()), call).await, Kind::Unauthenticated);
        }
    }
    let error: Error = house_.ask(&public(), Call::Users).await.unwrap_err();
    assert!(error.public().contains("log in"), "{error}");
    assert_eq!(house_.refusal(&house(), Call::Me).await, Kind::BadMessage, "the house is no user");
}

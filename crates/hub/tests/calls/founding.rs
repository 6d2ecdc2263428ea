//! The first start, and the end.

use std::sync::Arc;

use quintet_bus::InProcess;
use quintet_core::image::ImageQuery;
use quintet_core::{Answer, Call, Document, Error, Id, Identity, Kind, Limits, Origin, Timestamp, term};
use quintet_hub::{Hub, Parts};
use quintet_store::{Memory, Options};

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
    let strangers =
        [Identity::Public, Identity::Agent(quintet_core::AgentKey([1; 32])), Identity::Instance("x.org".into())];
    for stranger in strangers {
        for call in [Call::Me, Call::Rooms, Call::Server, Call::Users, Call::RenewToken, Call::Roles] {
            assert_eq!(house_.refusal(&caller(stranger.clone()), call).await, Kind::Unauthenticated);
        }
    }
    let error: Error = house_.ask(&public(), Call::Users).await.unwrap_err();
    assert!(error.public().contains("log in"), "{error}");
    assert_eq!(house_.refusal(&house(), Call::Me).await, Kind::BadMessage, "the house is no user");
}

/// Starts a house, perhaps again, and reads its documents.
async fn started(store: &Arc<Memory>, origin: &str, serving: bool) -> Vec<Document> {
    let parts = Parts {
        procedures: Arc::new(quintet_hub::procedures::Registry::new(&Limits::default())),
        store: Arc::clone(store) as _,
        bus: Arc::new(InProcess::default()),
        dialects: Vec::new(),
        origin: Origin(origin.into()),
        limits: Limits::default(),
        clock: Arc::new(|| Timestamp::from_millis(1_763_000_000_000)),
        rules: house::rules(),
        founding: None,
        delivery_tasks: 1,
        serving,
        compress: None,
    };
    let hub = Hub::start(parts).await.unwrap().hub;
    match hub.call(&house(), Call::Export { after: Id::HOUSE, limit: 10 }).await {
        Ok(Answer::Exported(documents)) => documents.into_iter().map(|(_, document)| document).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_house_gets_its_drive_once_however_old_it_is() {
    let clock = Arc::new(|| Timestamp::from_millis(1_763_000_000_000));
    let store = Arc::new(Memory::new(Options { limits: Limits::default(), clock }));
    let first = started(&store, "http://a.example", true).await;
    assert_eq!(first.len(), 2, "the drive and the invite to it");
    assert_eq!(started(&store, "http://a.example", true).await, first);
    assert_eq!(started(&store, "http://b.example", false).await, first, "a command only looks in");
    // Where it is known by another name, a house that is there has no drive yet: as in one of an earlier version.
    let moved = started(&store, "http://b.example", true).await;
    assert_eq!((moved.len(), &moved[..2]), (4, &first[..]));
    let writers = moved[2].properties[term::WRITE].as_array().unwrap();
    assert_eq!(writers.len(), 2, "the house and the admin that was there");
    assert!(writers.iter().all(|writer| writer.as_str().unwrap().starts_with("http://b.example/agents/")));
}

//! The doorkeeper: announces users who came and stayed.

use std::sync::Weak;

use quintet_core::user::Status;
use quintet_core::{Body, Id, Identity, Right, Topic};
use tokio::time::Instant;

use crate::hub::Hub;

/// Announces arrivals until the hub is gone. `via` of the announcements is `house`.
pub(crate) async fn run(hub: Weak<Hub>) {
    while let Some(strong) = hub.upgrade() {
        let presence = strong.presence.clone();
        drop(strong);
        presence.wait().await;
        let Some(strong) = hub.upgrade() else { return };
        for user in presence.due(Instant::now()) {
            announce(&strong, user);
        }
    }
}

/// Announces that a user is online, and in which rooms it is.
fn announce(hub: &Hub, user: Id) {
    let who = Identity::User(user);
    say(hub, &who, "house", Topic::user(user), Body::StatusChanged(Status::Online));
    for (number, dialect) in (0..).zip(hub.dialects()) {
        for room in hub.attendance.news(user, number) {
            if hub.policy.may(&who, Right::View, room) {
                let body = Body::Presence { room, dialect: dialect.name().into(), joined: true };
                say(hub, &who, dialect.name(), Topic::room(room), body);
            }
        }
    }
}

fn say(hub: &Hub, who: &Identity, via: &'static str, topic: Topic, body: Body) {
    if let Err(error) = hub.say(hub.policy.author(who), via.into(), vec![topic], body) {
        tracing::warn!(?who, %error, "could not announce who is here");
    }
}

//! The doorkeeper: announces users who came and stayed.

use std::sync::{Arc, Weak};

use quintet_core::user::Status;
use quintet_core::{Body, Id, Identity, Right, Topic};
use tokio::time::Instant;

use super::attendance::Move;
use crate::hub::Hub;

/// Announces arrivals until the hub is gone, and looks again at who is where when rights have changed.
pub(crate) async fn run(hub: Weak<Hub>) {
    while let Some(strong) = hub.upgrade() {
        let (presence, rights) = (Arc::clone(&strong.presence), Arc::clone(&strong.rights_changed));
        drop(strong);
        let changed = tokio::select! {
            () = presence.wait() => false,
            () = rights.notified() => true,
        };
        let Some(strong) = hub.upgrade() else { return };
        if changed {
            review(&strong);
        }
        for user in presence.due(Instant::now()) {
            announce(&strong, user);
        }
    }
}

/// Announces that a user is online, and in which rooms it is.
fn announce(hub: &Hub, user: Id) {
    let who = Identity::User(user);
    say(hub, &who, "house", Topic::user(user), Body::StatusChanged(Status::Online));
    for (dialect, _) in (0..).zip(hub.dialects()) {
        for room in hub.attendance.news(user, dialect, |room| hub.policy.may(&who, Right::View, room)) {
            tell(hub, Move { user, dialect, room, joined: true });
        }
    }
}

fn review(hub: &Hub) {
    let may_view = |user, room| {
        hub.presence.status(user) == Status::Online && hub.policy.may(&Identity::User(user), Right::View, room)
    };
    hub.attendance.review(may_view).into_iter().for_each(|moved| tell(hub, moved));
}

fn tell(hub: &Hub, Move { user, dialect, room, joined }: Move) {
    let name = hub.dialects()[usize::from(dialect)].name();
    let body = Body::Presence { room, dialect: name.into(), joined };
    say(hub, &Identity::User(user), name, Topic::room(room), body);
}

fn say(hub: &Hub, who: &Identity, via: &'static str, topic: Topic, body: Body) {
    if let Err(error) = hub.say(hub.policy.author(who), via.into(), vec![topic], body) {
        tracing::warn!(?who, %error, "could not announce who is here");
    }
}

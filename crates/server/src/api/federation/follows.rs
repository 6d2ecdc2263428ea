//! Follows, through the API.

use quintet_core::Error;
use quintet_core::federation::{Ask, Follow, FollowState, Told};
use quintet_core::http::{Head, Response};
use serde::{Deserialize, Serialize};

use super::super::Desk;
use super::super::wire::{read, reply};
use super::astray;

/// `GET /follows?as=`: whom a user follows, and who follows it.
pub(super) async fn list(desk: &Desk<'_>, head: &Head) -> Result<Response, Error> {
    let user = desk.user(head)?;
    let own = user.identity.user();
    match desk.inquire_as(&user, Ask::Follows).await? {
        Told::Follows(all) => {
            let (mine, others): (Vec<_>, Vec<_>) = all.iter().partition(|(follow, ..)| Some(follow.follower) == own);
            reply(200, &FollowsView { following: views(mine), followers: views(others) })
        }
        other => Err(astray(&other)),
    }
}

/// `POST /follows?as=`
pub(super) async fn follow(desk: &Desk<'_>, head: &Head, body: &[u8]) -> Result<Response, Error> {
    let user = desk.user(head)?;
    let FollowBody { whom } = read(body)?;
    shown(desk.inquire_as(&user, Ask::Follow(whom)).await?)
}

/// `DELETE /follows/{whom}?as=`
pub(super) async fn unfollow(desk: &Desk<'_>, head: &Head, whom: String) -> Result<Response, Error> {
    let user = desk.user(head)?;
    shown(desk.inquire_as(&user, Ask::Unfollow(whom)).await?)
}

/// `PUT /followers/{who}?as=`
pub(super) async fn settle(desk: &Desk<'_>, head: &Head, follower: String, body: &[u8]) -> Result<Response, Error> {
    let user = desk.user(head)?;
    let SettleBody { accept } = read(body)?;
    shown(desk.inquire_as(&user, Ask::Settle { follower, accept }).await?)
}

fn views(follows: Vec<&(Follow, String, String)>) -> Vec<FollowView<'_>> {
    follows.into_iter().map(|(follow, by, whom)| FollowView::new(by, whom, follow.state)).collect()
}

fn shown(told: Told) -> Result<Response, Error> {
    match told {
        Told::Following { follower, followee, state } => reply(200, &FollowView::new(&follower, &followee, state)),
        other => Err(astray(&other)),
    }
}

/// `POST /follows`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FollowBody {
    /// `name@host`, or a URL.
    whom: String,
}

/// `PUT /followers/{who}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettleBody {
    accept: bool,
}

/// A follow, as it stands.
#[derive(Serialize)]
struct FollowView<'a> {
    follower: &'a str,
    followee: &'a str,
    state: &'static str,
}

impl<'a> FollowView<'a> {
    fn new(by: &'a str, whom: &'a str, state: FollowState) -> Self {
        let state = match state {
            FollowState::Pending => "pending",
            FollowState::Accepted => "accepted",
            FollowState::Rejected => "rejected",
            FollowState::Ended => "ended",
        };
        Self { follower: by, followee: whom, state }
    }
}

/// All follows of a user.
#[derive(Serialize)]
struct FollowsView<'a> {
    following: Vec<FollowView<'a>>,
    followers: Vec<FollowView<'a>>,
}

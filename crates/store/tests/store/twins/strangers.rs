//! Random letters: what two users of another house and those here do to each other.

use proptest::prelude::*;
use quintet_core::change::Change;
use quintet_core::federation::incoming::Said;
use quintet_core::federation::note::NewNote;
use quintet_core::federation::{Audience, Deed, Follow, FollowState, Own, Target};
use quintet_core::id::Id;
use quintet_store::{Bond, Post};

use crate::house::House;
use crate::letters::{address, adoption, elsewhere, letter, note_in, order, profile, said};

/// What comes from elsewhere, or goes there. Numbers are places of things, as in steps.
#[derive(Clone, Debug)]
pub(super) enum Turn {
    Adopt(u8, bool),
    Federate(usize, bool),
    Note(usize, Option<usize>, Option<usize>, bool),
    React(usize, usize, bool),
    Follow(Option<usize>, bool, bool),
    Settle(Option<usize>, bool),
    Delete(usize),
    Post(bool),
    DeleteNote(usize),
    Feel(usize, bool),
    Decide(usize, bool, u8),
    Forget,
}

/// A turn by one of two users elsewhere, signed so many seconds from now.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    eve: bool,
    late: i64,
    turn: Turn,
}

pub(super) fn visit() -> impl Strategy<Value = Visit> {
    use Turn::*;
    let (name, thing) = (0_usize..5, 0_usize..40);
    let (names, things) = (|| name.clone(), || thing.clone());
    let turn = prop_oneof![
        3 => (0_u8..3, any::<bool>()).prop_map(|(number, described)| Adopt(number, described)),
        2 => (things(), any::<bool>()).prop_map(|(room, on)| Federate(room, on)),
        6 => (names(), prop::option::of(things()), prop::option::of(things()), any::<bool>())
            .prop_map(|(name, room, about, edited)| Note(name, room, about, edited)),
        6 => (names(), things(), any::<bool>()).prop_map(|(name, to, like)| React(name, to, like)),
        4 => (prop::option::of(things()), any::<bool>(), any::<bool>())
            .prop_map(|(whom, ending, manual)| Follow(whom, ending, manual)),
        3 => (prop::option::of(things()), any::<bool>()).prop_map(|(whom, accept)| Settle(whom, accept)),
        3 => names().prop_map(Delete),
        2 => any::<bool>().prop_map(Post),
        1 => things().prop_map(DeleteNote),
        2 => (things(), any::<bool>()).prop_map(|(entity, adding)| Feel(entity, adding)),
        4 => (things(), any::<bool>(), 0_u8..4).prop_map(|(user, own, state)| Decide(user, own, state)),
        1 => Just(Forget),
    ];
    (any::<bool>(), -2_i64..3, turn).prop_map(|(eve, late, turn)| Visit { eve, late, turn })
}

/// What can be visited.
pub(super) struct Places<'a> {
    pub(super) user: &'a dyn Fn(usize) -> Id,
    pub(super) room: &'a dyn Fn(usize) -> Id,
    pub(super) chat: &'a dyn Fn(usize) -> Id,
    pub(super) note: &'a dyn Fn(usize) -> Id,
    pub(super) entity: &'a dyn Fn(usize) -> Id,
    /// The users elsewhere, where they are users here.
    pub(super) guests: [Option<Id>; 2],
}

impl Visit {
    /// Whether it is that the house forgets what is old.
    pub(super) fn forgets(&self) -> bool {
        matches!(self.turn, Turn::Forget)
    }

    /// Who does it, and what; `None` for what is no change.
    pub(super) fn change(&self, house: &House, places: &Places<'_>) -> Option<(Id, Change)> {
        let (name, guest) = if self.eve { ("eve", places.guests[1]) } else { ("bob", places.guests[0]) };
        let first = (places.user)(0);
        let deliver = |path: String, transient: bool, deed: Deed| {
            let path = format!("{name}/{path}");
            let letter = if transient { order(house, &path, deed) } else { letter(house, &path, "Note", deed) };
            let mut letter = letter.by(&address(&format!("users/{name}"))).signed(self.late);
            letter.0.actor = guest;
            letter
        };
        let answered = |letter: crate::letters::Letter| Some((guest.unwrap_or(Id::HOUSE), letter.change()));
        let unique = house.now().millis() * 10 + self.late;
        match &self.turn {
            Turn::Adopt(number, described) => {
                let mut profile = profile(["bob", "eve", "eve"][usize::from(*number)]);
                if *number == 2 {
                    profile.address = address("users/another");
                }
                profile.bio = described.then(|| "hello".to_owned());
                Some((Id::HOUSE, adoption(profile, 0x90 + number)))
            }
            Turn::Federate(room, on) => {
                let edit = quintet_core::room::RoomEdit { federated: Some(*on), ..Default::default() };
                Some((first, Change::ChangeRoom { room: (places.room)(*room), edit }))
            }
            Turn::Note(path, room, about, edited) => {
                let content = if *edited { "pears run" } else { "apple" };
                let said = match room.map(|room| note_in((places.room)(room), content)) {
                    Some(Deed::Note(said)) => *said,
                    _ => said(content),
                };
                let own = |id| Some(Target::Own(Own::Note(id)));
                let replies_to = about.and_then(|about| own((places.chat)(about)));
                answered(deliver(path.to_string(), false, Deed::Note(Box::new(Said { replies_to, ..said }))))
            }
            Turn::React(path, to, like) => {
                let reaction = if *like { "yes" } else { "no" }.to_owned();
                let target = Target::Own(Own::Note((places.chat)(*to)));
                answered(deliver(path.to_string(), false, Deed::React { target, reaction, exclusive: path % 2 == 0 }))
            }
            Turn::Follow(whom, ending, manual) => {
                let own = whom.map_or(Own::Room((places.room)(1)), |whom| Own::User((places.user)(whom)));
                let deed = if *ending { Deed::Unfollow(Target::Own(own)) } else { Deed::Follow(Target::Own(own)) };
                let mut letter = deliver(format!("follows/{unique}"), true, deed);
                letter.0.manual = *manual;
                answered(letter)
            }
            Turn::Settle(whom, accept) => {
                let follower = Target::Own(whom.map_or(Own::Unknown, |whom| Own::User((places.user)(whom))));
                let followee = elsewhere(&format!("users/{name}"));
                let deed =
                    if *accept { Deed::Accept { follower, followee } } else { Deed::Reject { follower, followee } };
                answered(deliver(format!("settled/{unique}"), true, deed))
            }
            Turn::Delete(path) => {
                let deed = Deed::Delete { target: elsewhere(&format!("{name}/{path}")), kind: "Note".into() };
                answered(deliver(format!("deleted/{unique}"), true, deed))
            }
            Turn::Post(public) => {
                let audience = if *public { Audience::Public } else { Audience::Followers };
                let new = NewNote { content: "hi".into(), audience, mentions: Vec::new(), replies_to: None };
                Some((first, Change::PostNote(new)))
            }
            Turn::DeleteNote(note) => Some((first, Change::DeleteNote((places.note)(*note)))),
            Turn::Feel(entity, adding) => {
                let to = (places.entity)(*entity);
                Some((first, Change::ReactToNote { to, reaction: "+".into(), adding: *adding }))
            }
            Turn::Decide(user, own, state) => {
                let guest = guest?;
                let user = (places.user)(*user);
                let (follower, followee) = if *own { (user, guest) } else { (guest, user) };
                let state = [FollowState::Pending, FollowState::Accepted, FollowState::Rejected, FollowState::Ended]
                    [usize::from(*state)];
                Some((user, Change::Follow(Follow { follower, followee, state })))
            }
            Turn::Forget => None,
        }
    }
}

/// All that anybody can see of what passed between houses, as text.
pub(super) async fn seen(house: &House, chats: &[Id], users: &[Id]) -> Vec<String> {
    let correspondence = house.store.correspondence();
    let all = Post { limit: 99, ..Post::default() };
    let keys = ["bob", "eve"].map(|name| address(&format!("users/{name}")).key).to_vec();
    let mut seen = vec![
        format!("{:?}", correspondence.log(Id::HOUSE, 999).await.unwrap()),
        format!("{:?}", correspondence.entities(&all).await.unwrap()),
        format!("{:?}", correspondence.entities(&Post { actors: Some((keys, users[0])), ..all }).await.unwrap()),
    ];
    for chat in chats {
        seen.push(format!("{:?}", correspondence.name_of_chat(*chat).await.unwrap()));
        for bond in [Bond::Reply, Bond::Reaction] {
            seen.push(format!("{:?}", correspondence.about(*chat, bond, None, None, 0, 9).await.unwrap()));
        }
    }
    for user in users {
        seen.push(format!("{:?}", correspondence.notes(*user, true, 0, 9).await.unwrap()));
    }
    seen
}

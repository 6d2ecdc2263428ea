//! Things: notes, users and rooms as entities (versia.md, sections 4.3 and 4.5).

use quintet_core::federation::{Audience, Form, Note, Own, Target};
use quintet_core::room::Room;
use quintet_core::user::User;
use quintet_core::{Id, federation::Telling};
use serde_json::{Value, json};

use crate::entity::kind;
use crate::entity::profile::spell_public_key;
use crate::house::House;
use crate::naming;
use crate::telling::list;
use crate::telling::sheet::Sheet;

/// A note, or a chat of a federated room.
pub(super) fn note(house: &House, note: &Note, form: Form) -> Option<Telling> {
    // Of the house and of who is not logged in there is nothing to ask for, and for those of other houses these speak.
    if matches!(note.author.id, Id::HOUSE | Id::PUBLIC) || note.author.name.contains('@') {
        return None;
    }
    let (own, author) = (Own::Note(note.id), Own::User(note.author.id));
    let mut sheet = Sheet::thing(house, kind::NOTE, &own, note.created_at, form)?;
    sheet.target("author", &Target::Own(author.clone()))?;
    sheet.plain("content", Some(&note.content));
    match &note.audience {
        Audience::Public => sheet.set("group", "public"),
        Audience::Followers => sheet.set("group", "followers"),
        Audience::Group(group) => sheet.target("group", group)?,
        Audience::Mentioned => sheet.unset(&["group"]),
    }
    let mentions = note.mentions.iter().filter_map(|target| naming::spelled(house, form, target));
    sheet.set("mentions", mentions.collect::<Vec<_>>());
    sheet.maybe_target("replies_to", note.replies_to.as_ref());
    sheet.set("attachments", Value::Array(Vec::new()));
    sheet.set("is_sensitive", false);
    sheet.set("previews", Value::Array(Vec::new()));
    sheet.unset(&["category", "device", "quotes", "subject"]);
    if form == Form::Uri {
        let lists = json!({ "replies": list(house, &own, "replies"), "quotes": list(house, &own, "quotes") });
        sheet.set("collections", lists);
    }
    Some(sheet.signed(author))
}

/// A user of this house.
pub(super) fn user(house: &House, user: &User, key: &[u8; 32], form: Form) -> Option<Telling> {
    if user.remote.is_some() {
        return None;
    }
    let own = Own::User(user.id);
    let mut sheet = Sheet::thing(house, kind::USER, &own, user.created_at, form)?;
    sheet.set("username", username(user));
    sheet.set("display_name", user.nickname.as_str());
    sheet.plain("bio", user.bio.as_deref());
    sheet.set("fields", Value::Array(Vec::new()));
    sheet.set("manually_approves_followers", house.manual);
    sheet.set("indexable", true);
    sheet.unset(&["avatar", "header"]);
    if form == Form::Uri {
        let target = Target::Own(own.clone());
        let lists = ["outbox", "followers", "following", "featured"];
        sheet.set(
            "collections",
            lists.iter().map(|name| Some((*name, list(house, &own, name)?))).collect::<Option<Value>>()?,
        );
        sheet.set("inbox", list(house, &own, "inbox")?);
        let actor = naming::spelled(house, form, &target)?;
        sheet.set("public_key", json!({ "actor": actor, "algorithm": "ed25519", "key": spell_public_key(key) }));
    }
    Some(sheet.signed(own))
}

/// A federated room, as a group.
pub(super) fn room(house: &House, room: &Room, form: Form) -> Option<Telling> {
    let own = Own::Room(room.id);
    let mut sheet = Sheet::thing(house, kind::GROUP, &own, room.created_at, form)?;
    sheet.plain("name", Some(&room.name));
    sheet.plain("description", room.description.as_deref());
    sheet.set("open", true);
    if form == Form::Uri {
        sheet.set("members", list(house, &own, "members")?);
        sheet.set("notes", list(house, &own, "notes")?);
    }
    Some(sheet.signed(Own::House))
}

/// By what name others can look for a user: its number where the name has letters that are not allowed there (versia.md, section 4.3).
fn username(user: &User) -> String {
    if kind::is_word(&user.username) { user.username.clone() } else { user.id.to_string() }
}

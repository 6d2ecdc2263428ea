//! Telling: what happened here, as entities (versia.md, section 4).

mod sheet;
#[cfg(test)]
mod tests;
mod thing;

use quintet_core::federation::telling::What;
use quintet_core::federation::{Form, Own, Tale, Target, Telling};
use quintet_core::{Id, Timestamp};

use crate::entity::kind;
use crate::house::House;
use crate::naming;
use crate::telling::sheet::Sheet;

/// What happened, in one of the forms. `None` where that has no word for it: for what another house names in the other form only, and for what no user of ours said.
pub(crate) fn tell(house: &House, tale: &Tale<'_>, form: Form) -> Option<Telling> {
    match &tale.what {
        What::Note(note) => thing::note(house, note, form),
        What::User(user, key) => thing::user(house, user, key, form),
        What::Room(room) => thing::room(house, room, form),
        What::Reacted { by, number, to, reaction } => {
            let own = Own::Reaction { user: *by, to: *number, reaction: (*reaction).into() };
            response(house, tale.at, &own, to, form)
        }
        What::Deleted { by, target } => deleted(house, tale, by, target, form),
        _ => order(house, tale, form),
    }
}

/// A like, a dislike, or a reaction.
fn response(house: &House, at: Timestamp, own: &Own, to: &Target, form: Form) -> Option<Telling> {
    let Own::Reaction { user, reaction, .. } = own else { return None };
    let kind = kind::of_reaction(reaction);
    let mut sheet = Sheet::thing(house, kind, own, at, form)?;
    sheet.target("author", &Target::Own(Own::User(*user)))?;
    match kind {
        kind::LIKE => sheet.target("liked", to)?,
        kind::DISLIKE => sheet.target("disliked", to)?,
        _ => {
            sheet.target("object", to)?;
            sheet.set("content", &**reaction);
        }
    }
    Some(sheet.signed(Own::User(*user)))
}

/// In 0.6 no house deletes by itself: whose thing it was says it, where that is told.
fn deleted(house: &House, tale: &Tale<'_>, by: &Own, target: &Own, form: Form) -> Option<Telling> {
    let mut sheet = Sheet::order(house, kind::DELETE, tale, form);
    let by = match (by, target) {
        (Own::User(user), _) | (_, Own::Reaction { user, .. }) => Own::User(*user),
        _ => Own::House,
    };
    match (&by, form) {
        (Own::House, Form::Uri) => sheet.null("author"),
        _ => sheet.target("author", &Target::Own(by.clone()))?,
    }
    sheet.set("deleted_type", kind::of(target)?);
    sheet.target("deleted", &Target::Own(target.clone()))?;
    Some(sheet.signed(by))
}

/// Follows and what is answered to them, by users and for rooms.
fn order(house: &House, tale: &Tale<'_>, form: Form) -> Option<Telling> {
    let user = |id: &Id| Target::Own(Own::User(*id));
    match &tale.what {
        What::Followed { by, followee, group } | What::Unfollowed { by, followee, group } => {
            let starts = matches!(tale.what, What::Followed { .. });
            let (kind, who, whom) = match (group, starts) {
                (false, true) => (kind::FOLLOW, "author", "followee"),
                (false, false) => (kind::UNFOLLOW, "author", "followee"),
                (true, true) => (kind::SUBSCRIBE, "subscriber", "group"),
                (true, false) => (kind::UNSUBSCRIBE, "subscriber", "group"),
            };
            pair(house, tale, form, kind, [(who, &user(by)), (whom, followee)], Own::User(*by))
        }
        What::Accepted { by, follower } | What::Rejected { by, follower } => {
            let lets = matches!(tale.what, What::Accepted { .. });
            let (kind, who, whom) = match (by, lets) {
                (Own::User(_), true) => (kind::FOLLOW_ACCEPT, "author", "follower"),
                (Own::User(_), false) => (kind::FOLLOW_REJECT, "author", "follower"),
                (Own::Room(_), true) => (kind::SUBSCRIBE_ACCEPT, "group", "subscriber"),
                (Own::Room(_), false) => (kind::SUBSCRIBE_REJECT, "group", "subscriber"),
                _ => return None,
            };
            pair(house, tale, form, kind, [(who, &Target::Own(by.clone())), (whom, follower)], by.clone())
        }
        What::Carried { note, room } => {
            let group = Target::Own(Own::Room(*room));
            pair(house, tale, form, kind::FEDERATE, [("group", &group), ("note", note)], Own::House)
        }
        _ => None,
    }
}

/// An order that ties two things.
fn pair(
    house: &House,
    tale: &Tale<'_>,
    form: Form,
    kind: &'static str,
    ends: [(&'static str, &Target); 2],
    by: Own,
) -> Option<Telling> {
    let mut sheet = Sheet::order(house, kind, tale, form);
    for (member, target) in ends {
        sheet.target(member, target)?;
    }
    Some(sheet.signed(by))
}

/// Where lists of something of ours are.
fn list(house: &House, own: &Own, name: &str) -> Option<String> {
    Some(format!("{}{}/{name}", naming::base(house), naming::path(own)?))
}

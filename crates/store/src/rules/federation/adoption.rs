//! Users of other houses become users here.

use quintet_core::Draft;
use quintet_core::change::Adoption;
use quintet_core::error::Error;
use quintet_core::event::Body;
use quintet_core::federation::{Remote, UserProfile};
use quintet_core::id::Id;
use quintet_core::limits::{Limits, size};
use quintet_core::user::{Account, Status, User};

use super::{Arrival, Effect};
use crate::login;
use crate::rules::{Said, people};
use crate::tables::{Kept, Tables};

pub(super) fn adopt<T: Tables>(
    tables: &mut T,
    draft: &Draft,
    adoption: &Adoption,
    limits: &Limits,
) -> Result<Said, Error> {
    let profile = &adoption.profile;
    if let Some(user) = tables.claimant(&login::address_key(&profile.address.key))? {
        let (author, body) = renew(tables, user, profile, limits)?;
        return Ok(Said { author: Some(author), ..body.into_iter().collect::<Vec<_>>().into() });
    }
    people::check_agent(tables, &adoption.agent)?;
    let username = free_name(tables, profile, limits)?;
    let mut user = User {
        id: tables.next_id(),
        nickname: String::new(),
        username,
        bio: None,
        avatar: None,
        created_at: draft.at,
        disabled: false,
        agent: adoption.agent,
        remote: Some(Remote { address: profile.address.clone(), group: profile.group, inbox: profile.inbox.clone() }),
        status: Status::Offline,
    };
    describe(&mut user, profile, limits);
    let keys = [
        login::remote_key(&user.username),
        login::address_key(&profile.address.key),
        login::agent_key(&adoption.agent),
    ];
    let account = Account { user, email: None, password: None, token_generation: 0 };
    tables.add_account(&account, Some(&adoption.agent_secret), &keys)?;
    let author = people::author_of(&account.user);
    Ok(Said { author: Some(author), ..Body::UserJoined(account.user).into() })
}

/// What a house says of one of its users changes how it is shown here, if it is here.
pub(super) fn tell<T: Tables>(tables: &mut T, arrival: &Arrival<'_>, profile: &UserProfile) -> Result<Effect, Error> {
    if profile.address.host != arrival.delivery.host {
        return Err(Error::forbidden("only its own house tells of a user"));
    }
    let Some(user) = tables.claimant(&login::address_key(&profile.address.key))? else {
        return Ok(Effect::none(false));
    };
    let (_, body) = renew(tables, user, profile, arrival.limits)?;
    Ok(Effect { bodies: body.into_iter().collect(), ..Effect::none(true) })
}

/// Shows a user as its house does now; says so where anything is different.
fn renew<T: Tables>(
    tables: &mut T,
    user: Id,
    profile: &UserProfile,
    limits: &Limits,
) -> Result<(quintet_core::identity::Author, Option<Body>), Error> {
    let mut account = tables.account(user)?.ok_or_else(|| crate::rules::no_user(user))?;
    let former = account.user.clone();
    describe(&mut account.user, profile, limits);
    let author = people::author_of(&account.user);
    if account.user == former {
        return Ok((author, None));
    }
    tables.put_account(&account)?;
    Ok((author, Some(Body::UserChanged { user: account.user, token_generation: account.token_generation })))
}

/// What others see of a user, as its house tells it; cut where that is too long.
fn describe(user: &mut User, profile: &UserProfile, limits: &Limits) {
    let shown = profile.display_name.as_deref().map(|name| plain(name, |_| false));
    let shown = shown.filter(|name| !name.trim().is_empty());
    user.nickname = cut(shown.as_deref().unwrap_or(&profile.username), limits.name_bytes);
    user.bio = profile.bio.as_deref().map(|bio| cut(&plain(bio, |it| it == '\n'), limits.description_bytes));
    if let Some(remote) = &mut user.remote {
        remote.inbox.clone_from(&profile.inbox);
    }
}

/// Without what names of users here cannot have, and what turns the text around it: nobody is to look like somebody else by that.
fn plain(text: &str, keeps: fn(char) -> bool) -> String {
    let turns = |it| matches!(it, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    text.chars().filter(|it| keeps(*it) || !it.is_control() && !turns(*it)).collect()
}

fn cut(text: &str, bytes: u64) -> String {
    text[..text.floor_char_boundary(size(bytes))].to_owned()
}

/// `name@host`, with a number behind the name where that is taken.
fn free_name<T: Tables>(tables: &T, profile: &UserProfile, limits: &Limits) -> Kept<String> {
    let host = profile.address.host.as_str();
    let full = |name: &str| format!("{name}@{host}");
    let is_free = |name: &str| -> Kept<bool> {
        let name = full(name);
        Ok(!tables.is_claimed(&login::name_key(&name))? && !tables.is_claimed(&login::remote_key(&name))?)
    };
    let plain = login::plain_name(&profile.username, size(limits.name_bytes));
    Ok(full(&login::free_name(&plain, is_free)?))
}

//! The founding: what an empty store begins with: a server record, an admin, a first room; an existing store is never wiped.
//!
//! A house that has no root drive yet, new or of an earlier version, gets one, with an invite to it.

use bytes::Bytes;
use quintet_core::change::Founding;
use quintet_core::identity::Secret;
use quintet_core::image::{Image, ImageType};
use quintet_core::room::NewRoom;
use quintet_core::user::NewLogin;
use quintet_core::{Author, Change, Draft, Error, Properties, Subject, Timestamp, term};
use quintet_store::Store;
use serde_json::json;

use crate::agents::new_account;
use crate::hub::Hub;
use crate::passwords::Passwords;
use crate::steward::make;

/// The username of the first admin.
pub const ADMIN: &str = "admin";

/// The path of the invite to the root drive, which only somebody at the machine itself may accept, or an admin.
pub(crate) const SETUP: &str = "/setup";

const SETUP_DESCRIPTION: &str =
    "Makes whoever accepts it a writer of the root drive. To be accepted once, on the machine itself.";
const SERVER_NAME: &str = "My Quintet Server";
const SERVER_DESCRIPTION: &str = "A realtime server: one conversation in many languages.";
const ROOM_NAME: &str = "general";
const ROOM_DESCRIPTION: &str = "The default chat channel";
const ICON: &[u8] = include_bytes!("../assets/icon.png");

/// How long a made-up password is: 40 letters and digits.
const PASSWORD_CHARACTERS: usize = 40;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Founds the house in an empty store. Gives back the admin's password if it was made up here.
pub(crate) async fn found(
    store: &dyn Store,
    passwords: &Passwords,
    now: Timestamp,
    configured: Option<Secret>,
) -> Result<Option<Secret>, Error> {
    let made_up = if configured.is_none() { Some(random_password()?) } else { None };
    let Some(password) = configured.as_ref().or(made_up.as_ref()) else { return Ok(None) };
    let hash = passwords.hash(password).await?;
    let change = Change::Found(Box::new(Founding {
        name: SERVER_NAME.to_owned(),
        description: SERVER_DESCRIPTION.to_owned(),
        icon: Image { kind: ImageType::Png, bytes: Bytes::from_static(ICON) },
        admin: new_account(NewLogin::Username(ADMIN.to_owned()), hash)?,
        room: default_room(),
    }));
    store.append(Draft { author: Author::house(), via: "house".into(), at: now, change, commit: None }).await?;
    Ok(made_up)
}

/// Makes the root drive and its invite where the store has none. What is there is left as it is.
pub(crate) async fn open_drive(hub: &Hub) -> Result<(), Error> {
    let (root, setup) = (Subject::at(hub.origin(), ""), Subject::at(hub.origin(), SETUP));
    if hub.store.document(&root).await?.is_some() {
        return Ok(());
    }
    let mut tasks = vec![make(root.clone(), drive(hub))];
    if hub.store.document(&setup).await?.is_none() {
        tasks.push(make(setup, invite(&root)));
    }
    hub.do_as_house("house".into(), tasks).await
}

/// Everybody reads it, the founding admin writes it (atomic-data.md, sections 12 and 14).
fn drive(hub: &Hub) -> Properties {
    let server = hub.directory.server();
    let house = hub.agent_url();
    let mut writers = vec![house.to_string()];
    let admin = hub.directory.users().into_iter().find(|user| hub.directory.is_admin(user.id));
    writers.extend(admin.map(|admin| admin.agent.subject(hub.origin()).as_str().to_owned()));
    properties(json!({
        term::IS_A: [term::DRIVE],
        term::NAME: server.name,
        term::DESCRIPTION: server.description,
        term::READ: [&*house, term::PUBLIC_AGENT],
        term::WRITE: writers,
    }))
}

fn invite(root: &Subject) -> Properties {
    properties(json!({
        term::IS_A: [term::INVITE],
        term::DESCRIPTION: SETUP_DESCRIPTION,
        term::PARENT: root.as_str(),
        term::INVITE_TARGET: root.as_str(),
        term::INVITE_WRITE: true,
        term::INVITE_USAGES_LEFT: 1,
    }))
}

fn properties(value: serde_json::Value) -> Properties {
    if let serde_json::Value::Object(properties) = value { properties } else { Properties::new() }
}

fn default_room() -> NewRoom {
    NewRoom {
        name: ROOM_NAME.to_owned(),
        description: Some(ROOM_DESCRIPTION.to_owned()),
        parent: None,
        ordinality: Some(0),
        capabilities: Some(vec!["text".to_owned()]),
    }
}

fn random_password() -> Result<Secret, Error> {
    let mut password = String::with_capacity(PASSWORD_CHARACTERS);
    while password.len() < PASSWORD_CHARACTERS {
        let mut bytes = [0; 64];
        getrandom::fill(&mut bytes).map_err(Error::internal)?;
        // Bytes from 248 on are passed over: 62 goes into 248 evenly, so every character is as likely as another.
        let fair =
            bytes.into_iter().filter(|byte| *byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        password.extend(fair.take(PASSWORD_CHARACTERS - password.len()));
    }
    Ok(Secret::new(password))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn made_up_passwords_are_long_plain_and_different() {
        let passwords: HashSet<_> = (0..20).map(|_| random_password().unwrap().expose().to_owned()).collect();
        assert_eq!(passwords.len(), 20);
        for password in passwords {
            assert_eq!(password.len(), 40);
            assert!(password.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{password}");
        }
    }

    #[test]
    fn the_icon_is_a_png_of_256_pixels() {
        assert_eq!(&ICON[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&ICON[16..24], [0, 0, 1, 0, 0, 0, 1, 0]);
    }
}

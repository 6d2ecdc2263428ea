//! Conformance mode: a server for judges of protocols, with fixtures that are the same at every start.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use quintet_core::federation::desk::{Exhibit, List, Shown};
use quintet_core::federation::note::NewNote;
use quintet_core::federation::{Ask, Audience, Form, Own, Told};
use quintet_core::identity::Secret;
use quintet_core::user::NewLogin;
use quintet_core::{Answer, Call, Error, Id, Identity};
use quintet_hub::founding::ADMIN;
use quintet_hub::{Caller, Hub};
use quintet_server::config::Config;

use crate::StartError;

/// The user whom judges of federation follow (versia.md, section 7).
const ALICE: &str = "alice";
/// What she has said.
const NOTE: &str = "Hello from Quintet.";
/// Sockets of one address that may not have said hello yet, at least.
const STRANGERS: u64 = 16;

/// Lifts the bound on connections from one address, and lets servers on this machine be peers; rates are lifted by whoever builds the hall. `NoPassword`
/// without the admin's password.
pub(crate) fn prepare(config: &mut Config) -> Result<(), StartError> {
    if config.admin.password.is_none() {
        return Err(StartError::NoPassword);
    }
    config.limits.address_connections = u64::MAX;
    config.limits.address_strangers = config.limits.address_strangers.max(STRANGERS);
    config.federation.loopback = true;
    config.federation.open = true;
    config.federation.manual_approval = false;
    Ok(())
}

/// Makes sure that there is alice, with a public note, where the house federates. She has the admin's password.
pub(crate) async fn fix_alice(hub: &Arc<Hub>, password: &Secret) -> Result<(), Error> {
    if hub.federation().is_err() {
        return Ok(());
    }
    if hub.user_named(ALICE).is_none() {
        let login = NewLogin::Username(ALICE.to_owned());
        ask(hub, Call::Register { login, password: password.clone() }).await?;
    }
    let alice = hub.user_named(ALICE).ok_or_else(|| Error::internal("who registered is not there"))?;
    let number = alice.user().ok_or_else(|| Error::internal("a user without a number"))?;
    let page = Exhibit::Page { of: Own::User(number), list: List::Notes, form: Form::Uri, offset: 0, limit: 1 };
    let shown = ask(hub, Call::Federation(Box::new(Ask::Show { exhibit: page, reader: None }))).await?;
    if let Answer::Federation(Told::Shown(exhibition)) = shown
        && matches!(exhibition.shown, Shown::Page { total: 1.., .. })
    {
        return Ok(());
    }
    let note = NewNote { content: NOTE.to_owned(), audience: Audience::Public, mentions: Vec::new(), replies_to: None };
    ask_as(hub, alice, Call::Federation(Box::new(Ask::PostNote(note)))).await.map(drop)
}

/// Makes sure that `admin` has this password, also in a house that was founded with another. Its tokens hold where it had it already.
pub(crate) async fn fix_admin(hub: &Arc<Hub>, password: &Secret) -> Result<(), Error> {
    let log_in = Call::LogIn { login: ADMIN.to_owned(), password: password.clone() };
    if ask(hub, log_in).await.is_ok() {
        return Ok(());
    }
    let user = admin(hub).await?;
    ask(hub, Call::SetPassword { user, password: password.clone() }).await.map(drop)
}

async fn admin(hub: &Arc<Hub>) -> Result<Id, Error> {
    let Answer::Users(users) = ask(hub, Call::Users).await? else {
        return Err(Error::internal("the hall answered another question"));
    };
    let admin = users.into_iter().find(|user| user.username == ADMIN);
    admin.map(|user| user.id).ok_or_else(|| Error::not_found("there is no user named admin"))
}

async fn ask(hub: &Arc<Hub>, call: Call) -> Result<Answer, Error> {
    ask_as(hub, Identity::House, call).await
}

async fn ask_as(hub: &Arc<Hub>, identity: Identity, call: Call) -> Result<Answer, Error> {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    hub.call(&Caller { identity, via: "house".into(), address, local: true, socket: false }, call).await
}

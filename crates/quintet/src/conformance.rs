//! Conformance mode: a server for judges of protocols, with fixtures that are the same at every start.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use quintet_core::identity::Secret;
use quintet_core::{Answer, Call, Error, Id, Identity};
use quintet_hub::founding::ADMIN;
use quintet_hub::{Caller, Hub};
use quintet_server::config::Config;

use crate::StartError;

/// Lifts the bound on connections from one address; rates are lifted by whoever builds the hall. `NoPassword` without the admin's password.
pub(crate) fn prepare(config: &mut Config) -> Result<(), StartError> {
    if config.admin.password.is_none() {
        return Err(StartError::NoPassword);
    }
    config.limits.address_connections = u64::MAX;
    Ok(())
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
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    hub.call(&Caller { identity: Identity::House, via: "house".into(), address, local: true, socket: false }, call)
        .await
}

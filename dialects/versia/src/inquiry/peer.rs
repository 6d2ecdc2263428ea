//! Houses: what one says of itself (versia.md, sections 1.6, 2.2, 3.2 and 4.3).

use quintet_core::Error;
use quintet_core::federation::inquiry::Fetch;
use quintet_core::federation::{Finding, Form, Host, PeerProfile};

use super::document::Document;
use super::{Stage, Turn, unusable};
use crate::entity::profile::public_key;
use crate::house::House;
use crate::metadata::WEBSOCKETS;
use crate::{SUBPROTOCOL, media, signer};

/// Characters of a peer's name and program that are kept, to be shown.
const SHOWN_CHARS: usize = 100;

/// The first document: that of 0.5 itself, or the versions, of which 0.6 has a document of its own.
pub(super) fn well_known(house: &House, host: Host, document: &Document<'_>) -> Result<Turn, Error> {
    if document.is("InstanceMetadata") && speaks(document, &["compatibility", "versions"], "0.5") {
        return profile(house, &host, document, Form::Uri).map(Turn::Found);
    }
    if speaks(document, &["versions"], "0.6") || speaks(document, &["compatibility", "versions"], "0.6") {
        let url = format!("{}/.versia/v0.6/instance", host.origin());
        return Ok(Turn::Fetch(Fetch { url, accept: media::VERSIA, signed: false }, Stage::Instance(host)));
    }
    Err(unusable("it speaks neither 0.5 nor 0.6"))
}

/// The document of 0.6.
pub(super) fn instance(house: &House, host: &Host, document: &Document<'_>) -> Result<Finding, Error> {
    if !document.is("InstanceMetadata") {
        return Err(unusable("it is no InstanceMetadata"));
    }
    profile(house, host, document, Form::Reference)
}

fn profile(house: &House, host: &Host, document: &Document<'_>, form: Form) -> Result<Finding, Error> {
    let name = if form == Form::Uri { "host" } else { "domain" };
    if document.text_at(&[name]) != Some(host.as_str()) {
        return Err(unusable("it is of another host"));
    }
    let ed25519 = document.text_at(&["public_key", "algorithm"]) == Some("ed25519");
    let key = document.text_at(&["public_key", "key"]).filter(|_| ed25519).and_then(public_key);
    let key = key.ok_or_else(|| unusable("its key is not Ed25519 in SPKI form"))?;
    Ok(Finding::Peer(Box::new(PeerProfile {
        host: host.clone(),
        forms: forms(document, form),
        software: software(document),
        key,
        shared_inbox: shared_inbox(house, host, document),
        endpoint: endpoint(house, host, document),
    })))
}

/// URIs first, where both are understood.
fn forms(document: &Document<'_>, form: Form) -> Vec<Form> {
    let both = speaks(document, &["versions"], "0.6") || speaks(document, &["compatibility", "versions"], "0.6");
    if form == Form::Uri && both { vec![Form::Uri, Form::Reference] } else { vec![form] }
}

/// Whether one of the versions of a list is `minor`, or `minor.` something.
fn speaks(document: &Document<'_>, list: &[&str], minor: &str) -> bool {
    let is = |version: &str| version.strip_prefix(minor).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    document.texts_at(list).any(is)
}

/// To be shown to operators only, so it is cut, and says nothing to their terminals.
fn software(document: &Document<'_>) -> String {
    let part = |path: &[&str]| document.text_at(path).unwrap_or_default().trim();
    let (name, version) = (part(&["software", "name"]), part(&["software", "version"]));
    let said = match (part(&["name"]), name) {
        ("", name) => format!("{name} {version}"),
        (title, "") => title.to_owned(),
        (title, name) => format!("{title} ({name} {version})"),
    };
    said.chars().filter(|it| !it.is_control()).take(SHOWN_CHARS).collect::<String>().trim().to_owned()
}

/// A place of the same house; another's would make us post to it.
fn shared_inbox(house: &House, host: &Host, document: &Document<'_>) -> Option<String> {
    let inbox = document.text_at(&["shared_inbox"])?;
    signer::uri(inbox, house.reach).is_some_and(|it| it.host == *host).then(|| inbox.to_owned())
}

/// Where it takes sockets: of the same house, under TLS but on this machine, without anything behind the path (versia.md, section 2.2).
fn endpoint(house: &House, host: &Host, document: &Document<'_>) -> Option<String> {
    let block = ["extensions", WEBSOCKETS];
    document.texts_at(&[&block[..], &["subprotocols"]].concat()).find(|it| *it == SUBPROTOCOL)?;
    let endpoint = document.text_at(&[&block[..], &["endpoint"]].concat())?;
    let scheme = if host.scheme() == "https" { "wss" } else { "ws" };
    let rest = endpoint.strip_prefix(scheme)?;
    let page = signer::uri(&format!("{}{rest}", host.scheme()), house.reach)?;
    (page.host == *host && !rest.contains('?')).then(|| endpoint.to_owned())
}

//! Names: `WebFinger` (RFC 7033; versia.md, sections 3.2 and 3.6).

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use quintet_core::Error;
use quintet_core::federation::inquiry::Fetch;
use quintet_core::federation::{Address, Host};

use super::document::{Document, text_of};
use super::{Stage, Turn, thing, unusable};
use crate::house::House;
use crate::media;

/// The longest name that is asked for.
const NAME_BYTES: usize = 128;

/// Asks who has a name.
pub(super) fn ask(name: &str, host: Host) -> Result<Turn, Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > NAME_BYTES || !name.bytes().all(allowed) {
        return Err(Error::bad_message("a name on another server is of letters, digits, _ and -"));
    }
    let resource = format!("acct:{name}@{host}");
    let resource = utf8_percent_encode(&resource, NON_ALPHANUMERIC);
    let url = format!("{}/.well-known/webfinger?resource={resource}", host.origin());
    Ok(Turn::Fetch(Fetch { url, accept: media::JRD_OR_JSON, signed: false }, Stage::Links(host)))
}

/// The address that the links give: by URI where both are there. A deployed 0.6 server names its link as 0.5 does, so the URL tells the form,
/// and the type only the order. Where a link leads elsewhere, it is passed over; what else the document says is of no use.
pub(super) fn linked(house: &House, host: &Host, document: &Document<'_>) -> Result<Address, Error> {
    let of_type = |wanted: &str| {
        let links = document.objects_at(&["links"]).filter(|link| {
            let media = text_of(link, "type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
            text_of(link, "rel") == Some("self") && media.eq_ignore_ascii_case(wanted)
        });
        links.filter_map(|link| thing::address(house, text_of(link, "href")?)).find(|address| address.host == *host)
    };
    let found = of_type(media::JSON).or_else(|| of_type(media::VERSIA));
    found.ok_or_else(|| unusable("it links to no user of that server"))
}

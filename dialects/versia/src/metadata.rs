//! Metadata: what this house says of itself to others (versia.md, sections 2.2, 3.2 and 4.3).

use quintet_core::Error;
use quintet_core::canonical::canonical;
use quintet_core::federation::desk::{Exhibition, Shown};
use quintet_core::federation::{Form, Host, Own};
use serde_json::json;

use crate::entity::profile::spell_public_key;
use crate::house::House;
use crate::{SOCKET, SUBPROTOCOL, moment, naming, rest, signing};

/// The versions that are spoken here.
const VERSIONS: [&str; 2] = ["0.5.0", "0.6.0"];
/// The extension that offers sockets.
pub(crate) const WEBSOCKETS: &str = "pub.versia:websockets";
/// The extensions that mean something here. What belongs to others is checked and kept.
const EXTENSIONS: [&str; 5] =
    ["pub.versia:groups", INSTANCE_MESSAGING, "pub.versia:likes", "pub.versia:reactions", WEBSOCKETS];
/// The extension by which operators write to each other.
const INSTANCE_MESSAGING: &str = "pub.versia:instance_messaging";

/// The document, its keys in order. That of 0.5 is also what readers of 0.6 find first: these look at `versions` only.
pub(crate) fn document(house: &House, host: &Host, exhibition: &Exhibition, form: Form) -> Result<String, Error> {
    let Shown::House { name, description, created_at } = &exhibition.shown else {
        return Err(Error::internal(format!("not a house: {:?}", exhibition.shown)));
    };
    let mut document = json!({
        "type": "InstanceMetadata",
        // At least one character (section 4.3).
        "name": if name.is_empty() { host.as_str() } else { name },
        "description": description,
        "created_at": moment::spell(*created_at),
        "software": {"name": "quintet", "version": env!("CARGO_PKG_VERSION")},
        "compatibility": {"extensions": EXTENSIONS, "versions": VERSIONS},
        "public_key": {"algorithm": "ed25519", "key": spell_public_key(&exhibition.pen.public(&Own::House))},
        "extensions": {WEBSOCKETS: {"endpoint": endpoint(host), "subprotocols": [SUBPROTOCOL]}},
    });
    match form {
        Form::Uri => {
            document["host"] = host.as_str().into();
            // In 0.6 the path is fixed (section 4.5).
            let endpoint = format!("{}{}", naming::base(house), rest::MESSAGING);
            document["extensions"][INSTANCE_MESSAGING] = json!({ "endpoint": endpoint });
            document["shared_inbox"] = format!("{}{}", naming::base(house), signing::SHARED_INBOX).into();
            if !house.strict_metadata {
                document["versions"] = json!(VERSIONS);
            }
        }
        Form::Reference => {
            document["domain"] = host.as_str().into();
            // Unset members are null (section 3.1).
            document["banner"] = json!(null);
            document["logo"] = json!(null);
        }
    }
    Ok(canonical(&document))
}

/// Where sockets are taken: under TLS, but on this very machine.
fn endpoint(host: &Host) -> String {
    let scheme = if host.scheme() == "https" { "wss" } else { "ws" };
    format!("{scheme}://{host}{SOCKET}")
}

//! Metadata of a server that it sends of itself (versia.md, section 4.3).

use quintet_core::Error;
use quintet_core::federation::{Deed, Form};

use crate::entity::authority::Actor;
use crate::entity::content::{self, Rule};
use crate::entity::profile::check_key;
use crate::entity::sheet::Sheet;
use crate::entity::{Draft, kind};

/// Reads metadata: kept, and nothing else. What is believed of a server is fetched from it.
pub(super) fn read(sheet: &Sheet<'_>) -> Result<Draft, Error> {
    let shape = &sheet.shape;
    shape.words("name")?;
    let software = shape.inner("software", shape.object("software")?);
    software.text("name")?;
    software.text("version")?;
    let compatibility = shape.inner("compatibility", shape.object("compatibility")?);
    compatibility.texts("versions", is_version, "must be an array of versions as in 0.5.0")?;
    compatibility.texts("extensions", kind::is_space, "must be an array of names as in org.example:name")?;
    check_key(&shape.inner("public_key", shape.object("public_key")?))?;
    shape.maybe_text("description")?;
    content::maybe(shape, "logo", Rule::Image)?;
    content::maybe(shape, "banner", Rule::Image)?;
    let host = shape.text(if shape.form() == Form::Uri { "host" } else { "domain" })?;
    if shape.form() == Form::Uri {
        for member in ["shared_inbox", "moderators", "admins"] {
            sheet.maybe_home(shape, member)?;
        }
    }
    if host != sheet.sender.as_str() {
        return Err(Error::forbidden("this is the metadata of another instance"));
    }
    Ok(Draft { name: None, transient: true, actor: Actor::House, deed: Deed::Keep { about: Vec::new() } })
}

/// Three numbers, and perhaps more, as in `0.5.0-rc.1`.
fn is_version(text: &str) -> bool {
    let numbers = text.split(['-', '+']).next().unwrap_or_default();
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    numbers.split('.').count() == 3 && numbers.split('.').all(number)
}

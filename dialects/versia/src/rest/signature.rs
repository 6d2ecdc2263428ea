//! Signatures: the three headers of a request (versia.md, sections 1.2, 1.4 and 1.7).

use quintet_core::Error;
use quintet_core::federation::{Form, Signed};
use quintet_core::http::{Head, Request};

use crate::house::House;
use crate::{signer, signing};

const SIGNATURE: &str = "versia-signature";
const SIGNED_AT: &str = "versia-signed-at";
const SIGNED_BY: &str = "versia-signed-by";

/// Who posts something. `Unauthenticated` where that is not signed.
pub(super) fn of_post(house: &House, request: &Request) -> Result<Signed, Error> {
    read(house, &request.head, &request.body, true)
}

/// Who wants to read something: in 0.6 that must be signed, in 0.5 it may be. Who does not say its name there is nobody: a deployed program loses
/// this one header of three when it signs a request (versia.md, section 3.6), and may read what everybody may.
pub(super) fn of_reader(house: &House, head: &Head, form: Form) -> Result<Option<Signed>, Error> {
    let nobody = form == Form::Uri && head.header(SIGNED_BY).is_none();
    if nobody { Ok(None) } else { read(house, head, &[], false).map(Some) }
}

fn read(house: &House, head: &Head, body: &[u8], once: bool) -> Result<Signed, Error> {
    let header =
        |name: &str| head.header(name).ok_or_else(|| Error::unauthenticated(format!("the header {name} is missing")));
    let (signature, signed_at, signed_by) = (header(SIGNATURE)?, header(SIGNED_AT)?, header(SIGNED_BY)?);
    let (at, signer) = (signing::read_time(signed_at, true)?, signer::parse(house, signed_by)?);
    Ok(Signed {
        signer,
        signed_at: at,
        signature: signing::read_signature(signature)?,
        texts: signing::texts(&head.method.to_ascii_lowercase(), &head.path, signed_at, body),
        once,
    })
}

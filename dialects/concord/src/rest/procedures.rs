//! Procedures. Ours.

use percent_encoding::percent_decode_str;
use quintet_core::procedure::{Invocation, NAME_BYTES};
use quintet_core::{Answer, Call};

use crate::refusal::Refusal;
use crate::rest::asked::{Asked, ok};
use crate::rest::asking::Asking;
use crate::wire::procedure::Payload;

/// `POST /api/procedures/{name}`: the body is the payload, any JSON value; none is null.
pub(super) fn call(asking: &Asking<'_>, name: &str) -> Result<Asked, Refusal> {
    let name = percent_decode_str(name).decode_utf8().map_err(|_| Refusal::bad("the name is not UTF-8"))?;
    if name.len() > NAME_BYTES {
        return Err(Refusal::bad(format!("the name of a procedure has {NAME_BYTES} bytes at most")));
    }
    let payload = asking.payload()?.0;
    let invocation = Invocation { name: (&*name).into(), payload, connection: None, extra: None };
    Ok(Asked::new(Call::Invoke(Box::new(invocation)), |answer| match answer {
        Ok(Answer::Outcome(outcome)) => ok(&Payload(outcome.payload)),
        other => Err(Refusal::unexpected(other)),
    }))
}

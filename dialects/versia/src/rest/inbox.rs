//! Inboxes: what is posted (versia.md, section 3.4).

use std::sync::Arc;

use quintet_core::Error;
use quintet_core::federation::{Ask, Told};
use quintet_core::http::{Request, Response, Step};

use super::{ask, rated, signature, unexpected};
use crate::entity;
use crate::house::House;

/// An entity. What is wrong with it counts only where its signature holds.
pub(super) fn post(house: &House, request: &Request) -> Result<Step, Error> {
    let signed = signature::of_post(house, request)?;
    let text = str::from_utf8(&request.body).map_err(|_| Error::bad_message("the body is not UTF-8"));
    let incoming = text.and_then(|text| entity::read(house, &signed.signer, &text.into()));
    let incoming = incoming.map(Arc::new).map_err(Arc::new);
    Ok(ask(&request.head, Ask::Accept(Box::new(signed), incoming), |told| match told {
        Told::Received(_, allowance) => {
            let response = Response::empty(202);
            Ok(match allowance {
                Some(allowance) => rated(response, allowance),
                None => response,
            })
        }
        other => Err(unexpected(&other)),
    }))
}

/// A message from another server's operator to ours. It is unsigned, so that it may be from anybody.
pub(super) fn message(request: &Request) -> Result<Step, Error> {
    let text = str::from_utf8(&request.body).map_err(|_| Error::bad_message("the message is not UTF-8 text"))?;
    Ok(ask(&request.head, Ask::OperatorMessage(text.to_owned()), |told| match told {
        Told::Done => Ok(Response::empty(200)),
        other => Err(unexpected(&other)),
    }))
}

//! Seals: responses that are signed (versia.md, sections 1.2 and 3.3).

use std::sync::Arc;

use quintet_core::federation::desk::Exhibition;
use quintet_core::federation::telling::Letterhead;
use quintet_core::federation::{Form, Host, Own, Target};
use quintet_core::http::{Head, Response};

use super::said;
use crate::house::House;
use crate::media;
use crate::{delivery, naming, signer, signing};

/// What is needed to sign the response to a request.
pub(super) struct Seal {
    pub(super) house: Arc<House>,
    host: Host,
    pub(super) form: Form,
    method: String,
    path: String,
}

impl Seal {
    /// For this request.
    pub(super) fn of(house: &Arc<House>, host: &Host, head: &Head, form: Form) -> Self {
        let (method, path) = (head.method.to_ascii_lowercase(), head.path.clone());
        Self { house: Arc::clone(house), host: host.clone(), form, method, path }
    }

    /// An entity of `owner`, signed by it, or by the house where that signs everything (0.6).
    pub(super) fn response(&self, exhibition: &Exhibition, owner: &Own, text: String) -> Response {
        let owner = match (self.form, owner) {
            (Form::Uri, Own::User(id)) => Own::User(*id),
            _ => Own::House,
        };
        let signed_at = exhibition.at.seconds().to_string();
        let letterhead = Letterhead {
            text: signing::text(&self.method, &self.path, &signed_at, text.as_bytes()),
            signed_by: match &owner {
                Own::House => signer::spell_instance(&self.host, self.form),
                owner => naming::spell(&self.house, self.form, &Target::Own(owner.clone())),
            },
        };
        let signature = exhibition.pen.sign(&owner, letterhead.text.as_bytes());
        let media = if self.form == Form::Reference { media::VERSIA_TEXT } else { media::JSON_TEXT };
        // What is shown depends on who asks, and a signature is soon too old.
        let mut response = said(200, media, text).with_header("cache-control", "no-store");
        for (name, value) in delivery::headers(&letterhead, exhibition.at, &signature) {
            response = response.with_header(name, value);
        }
        response
    }
}

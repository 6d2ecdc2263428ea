//! Delivery: how what is sent to a peer is signed, posted and answered (versia.md, sections 1.2, 1.3, 3.1, 3.4).

use quintet_core::Timestamp;
use quintet_core::federation::inquiry::Fetch;
use quintet_core::federation::telling::{Letterhead, Posting};
use quintet_core::federation::{Form, Own, Parcel, PeerProfile, Receipt, Target, Telling};

use crate::house::House;
use crate::{media, naming, receipt, signer, signing};

pub(crate) fn letterhead(
    house: &House,
    peer: &PeerProfile,
    inbox: Option<&str>,
    telling: &Telling,
    signed_at: Timestamp,
) -> Letterhead {
    let url = inbox_of(peer, inbox, telling.form);
    let signed_at = signed_at.seconds().to_string();
    let text = signing::text(signing::POST, signing::path_of(&url), &signed_at, telling.text.as_bytes());
    let signed_by = match (&telling.signer, telling.form) {
        (user @ Own::User(_), Form::Uri) => naming::spell(house, Form::Uri, &Target::Own(user.clone())),
        _ => instance(house, telling.form),
    };
    Letterhead { text, signed_by }
}

pub(crate) fn posting(peer: &PeerProfile, inbox: Option<&str>, form: Form, parcel: &Parcel) -> Posting {
    let (media, answer) = match form {
        Form::Uri => (media::JSON_TEXT, media::JSON),
        Form::Reference => (media::VERSIA_TEXT, media::VERSIA),
    };
    // Whoever asks for something is to name the type (versia.md, section 3.1): here it is that of a refusal.
    let mut headers = vec![("content-type", media.to_owned()), ("accept", answer.to_owned())];
    headers.extend(versia_headers(&parcel.signature, &parcel.signed_at, &parcel.signed_by));
    Posting { url: inbox_of(peer, inbox, form), headers, body: parcel.text.to_string() }
}

pub(crate) fn receipt(status: u16, headers: &[(String, String)], body: &[u8]) -> Receipt {
    receipt::of_response(status, headers, body)
}

/// A fetch is always the house's own.
pub(crate) fn sign_fetch(house: &House, fetch: &Fetch, signed_at: Timestamp) -> Letterhead {
    let form = if fetch.accept.contains(media::VERSIA) { Form::Reference } else { Form::Uri };
    let signed_at = signed_at.seconds().to_string();
    let text = signing::text(signing::GET, signing::path_of(&fetch.url), &signed_at, &[]);
    Letterhead { text, signed_by: instance(house, form) }
}

pub(crate) fn headers(
    letterhead: &Letterhead,
    signed_at: Timestamp,
    signature: &[u8; 64],
) -> Vec<(&'static str, String)> {
    let signature = signing::spell_signature(signature);
    versia_headers(&signature, &signed_at.seconds().to_string(), &letterhead.signed_by).into()
}

fn versia_headers(signature: &str, signed_at: &str, signed_by: &str) -> [(&'static str, String); 3] {
    [
        ("versia-signature", signature.to_owned()),
        ("versia-signed-at", signed_at.to_owned()),
        ("versia-signed-by", signed_by.to_owned()),
    ]
}

/// Where entities in a form are posted: one place for all where there is one, else the receiver's own.
fn inbox_of(peer: &PeerProfile, inbox: Option<&str>, form: Form) -> String {
    let own = |path: &str| format!("{}{path}", peer.host.origin());
    match (form, peer.shared_inbox.as_deref().or(inbox)) {
        (Form::Reference, _) => own(signing::INBOX),
        (Form::Uri, Some(url)) => url.to_owned(),
        (Form::Uri, None) => own(signing::SHARED_INBOX),
    }
}

/// How this house spells itself where it signs.
fn instance(house: &House, form: Form) -> String {
    house.host.as_ref().map(|host| signer::spell_instance(host, form)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use quintet_core::federation::host::Reach;
    use quintet_core::federation::{Host, ParcelId};
    use quintet_core::{Id, Limits, Origin};

    use super::*;
    use crate::Options;

    const AT: Timestamp = Timestamp::from_millis(1_729_241_807_999);
    /// Of `{}`.
    const DIGEST: &str = "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=";
    /// Of nothing.
    const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    fn house() -> House {
        let options = Options { enabled: true, reach: Reach::Net, ..Options::default() };
        House::new(&Origin("https://a.example".into()), &Limits::default(), options)
    }

    fn peer(shared_inbox: Option<&str>) -> PeerProfile {
        PeerProfile {
            host: Host::parse("b.example", Reach::Net).unwrap(),
            forms: vec![Form::Uri],
            software: String::new(),
            key: [0; 32],
            shared_inbox: shared_inbox.map(str::to_owned),
            endpoint: None,
        }
    }

    fn telling(signer: Own, form: Form) -> Telling {
        Telling { kind: "Note", signer, form, text: "{}".into() }
    }

    #[test]
    fn a_letterhead_names_the_inbox_and_the_signer() {
        let user = Own::User(Id::new(7).unwrap());
        let table = [
            (Some("https://b.example/in?x"), None, Own::House, Form::Uri, "/in", "instance a.example"),
            (
                Some("https://b.example/in"),
                Some("https://b.example/u/1/inbox"),
                Own::House,
                Form::Uri,
                "/in",
                "instance a.example",
            ),
            (
                None,
                Some("https://b.example/u/1/inbox"),
                user.clone(),
                Form::Uri,
                "/u/1/inbox",
                "https://a.example/users/7",
            ),
            (None, None, user.clone(), Form::Uri, "/inbox", "https://a.example/users/7"),
            (Some("https://b.example/in"), None, user, Form::Reference, "/.versia/v0.6/inbox", "a.example"),
        ];
        for (shared, inbox, signer, form, path, signed_by) in table {
            let head = letterhead(&house(), &peer(shared), inbox, &telling(signer, form), AT);
            assert_eq!(head.text, format!("post {path} 1729241807 {DIGEST}"));
            assert_eq!(head.signed_by, signed_by);
        }
    }

    #[test]
    fn a_posting_carries_the_four_values() {
        let parcel = Parcel {
            id: ParcelId(1),
            signature: "c2ln".into(),
            signed_at: "1729241807".into(),
            signed_by: "a.example".into(),
            text: r#"{"type":"Note"}"#.into(),
        };
        let post = |form| posting(&peer(Some("https://b.example/in")), None, form, &parcel);
        let old = post(Form::Uri);
        assert_eq!((old.url.as_str(), old.body.as_str()), ("https://b.example/in", r#"{"type":"Note"}"#));
        assert_eq!(
            old.headers,
            [
                ("content-type", "application/json; charset=utf-8".to_owned()),
                ("accept", "application/json".to_owned()),
                ("versia-signature", "c2ln".to_owned()),
                ("versia-signed-at", "1729241807".to_owned()),
                ("versia-signed-by", "a.example".to_owned()),
            ]
        );
        let new = post(Form::Reference);
        assert_eq!(new.url, "https://b.example/.versia/v0.6/inbox");
        assert_eq!(new.headers[0].1, "application/vnd.versia+json; charset=utf-8");
        assert_eq!(new.headers[1], ("accept", "application/vnd.versia+json".to_owned()));
    }

    #[test]
    fn a_fetch_is_signed_in_the_form_that_it_asks_for() {
        let fetch = |accept| Fetch { url: "https://b.example/o?page=1".into(), accept, signed: true };
        let old = sign_fetch(&house(), &fetch("application/json"), AT);
        assert_eq!((old.text, old.signed_by.as_str()), (format!("get /o 1729241807 {EMPTY}"), "instance a.example"));
        let new = sign_fetch(&house(), &fetch("application/vnd.versia+json"), AT);
        assert_eq!(new.signed_by, "a.example");
        let headers = headers(&new, AT, &[0; 64]);
        assert_eq!(headers[0], ("versia-signature", format!("{}==", "A".repeat(86))));
        assert_eq!(headers[1..], [("versia-signed-at", "1729241807".into()), ("versia-signed-by", "a.example".into())]);
    }
}

//! The test vectors of versia.md, section 6, byte for byte, through the functions that the room works with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use quintet_core::federation::Signer;
use quintet_core::federation::host::Reach;
use quintet_core::{Error, Limits, Origin, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::envelope::Frame;
use crate::house::House;
use crate::{Options, signer, signing};

#[derive(Deserialize)]
struct File {
    keys: std::collections::BTreeMap<String, Key>,
    vectors: Vec<Vector>,
}

/// Before base64: as versia.md, section 1.6, lays them out.
#[derive(Deserialize)]
struct Key {
    pkcs8: String,
    spki: String,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    method: String,
    path: String,
    verify_with: String,
    now: i64,
    string_to_sign: String,
    message: Message,
    expect: String,
    frame_ascii: Option<String>,
    frame_utf8: Option<String>,
}

#[derive(Deserialize, Clone)]
struct Message {
    signature: String,
    signed_at: String,
    signed_by: String,
    entity: String,
}

impl File {
    fn read() -> Self {
        serde_json::from_str(include_str!("vectors.json")).unwrap()
    }
}

impl Key {
    fn signing(&self) -> SigningKey {
        let der = STANDARD.decode(&self.pkcs8).unwrap();
        SigningKey::from_bytes(der.last_chunk().unwrap())
    }

    fn verifying(&self) -> VerifyingKey {
        let der = STANDARD.decode(&self.spki).unwrap();
        VerifyingKey::from_bytes(der.last_chunk().unwrap()).unwrap()
    }
}

impl Message {
    fn frame(&self) -> String {
        let Self { signature, signed_at, signed_by, entity } = self;
        json!({ "signature": signature, "signed_at": signed_at, "signed_by": signed_by, "entity": entity }).to_string()
    }
}

/// Somebody else's house, so that no signer is itself.
fn house() -> House {
    let options = Options { enabled: true, reach: Reach::Net, ..Options::default() };
    House::new(&Origin("https://judge.example".into()), &Limits::default(), options)
}

/// Steps 2 to 10 of section 1.4, the hall's part played by the strict verifier.
fn check_frame(frame: &str, vector: &Vector, key: &VerifyingKey) -> Result<(), Error> {
    let Frame::Message(envelope) = Frame::read(frame)? else { panic!("{}: no message", vector.name) };
    let letter = envelope.open(&house(), None, Timestamp::from_millis(vector.now * 1000))?;
    let text = signing::text(&vector.method, &vector.path, &letter.signed_at_text, letter.entity.as_bytes());
    assert_eq!(text, vector.string_to_sign, "{}", vector.name);
    let signed = letter.signed(vec![text], true);
    key.verify_strict(signed.texts[0].as_bytes(), &signed.signature.into())
        .map_err(|cause| Error::unauthenticated("signature does not hold").because(cause))
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let file = File::read();
    assert_eq!(file.vectors.len(), 18);
    for vector in &file.vectors {
        let key = file.keys[&vector.verify_with].verifying();
        let frames = [Some(vector.message.frame()), vector.frame_ascii.clone(), vector.frame_utf8.clone()];
        for frame in frames.into_iter().flatten() {
            let status = check_frame(&frame, vector, &key).err().map(|error| error.status().to_string());
            let expected = match vector.expect.as_str() {
                "accept" => None,
                // A fraction is for HTTP only.
                "accept-if-tolerant" => Some("400".to_owned()),
                status => Some(status.to_owned()),
            };
            assert_eq!(status, expected, "{}", vector.name);
        }
    }
}

#[test]
fn what_is_signed_again_is_the_same() {
    let file = File::read();
    for vector in file.vectors.iter().filter(|vector| vector.expect.starts_with("accept")) {
        let Message { signed_at, entity, signature, .. } = &vector.message;
        let text = signing::text(&vector.method, &vector.path, signed_at, entity.as_bytes());
        assert_eq!(text, vector.string_to_sign, "{}", vector.name);
        let again = file.keys[&vector.verify_with].signing().sign(text.as_bytes()).to_bytes();
        assert_eq!(&signing::spell_signature(&again), signature, "{}", vector.name);
        assert_eq!(signing::read_signature(signature).unwrap(), again, "{}", vector.name);
    }
}

#[test]
fn over_http_a_path_may_be_encoded_twice_and_a_time_have_a_fraction() {
    let file = File::read();
    let find = |name: &str| file.vectors.iter().find(|vector| vector.name == name).unwrap();
    let (sent, doubled, fraction) = (find("path-as-sent"), find("path-double-encoded"), find("fractional-signed-at"));
    let texts = signing::texts("get", &sent.path, &sent.message.signed_at, b"");
    assert_eq!(texts, [&*sent.string_to_sign, &*doubled.string_to_sign]);
    assert_eq!(signing::read_time(&fraction.message.signed_at, true).unwrap().seconds(), fraction.now);
}

#[test]
fn one_wrong_byte_anywhere_is_noticed() {
    let file = File::read();
    let vector = &file.vectors[0];
    let key = file.keys[&vector.verify_with].verifying();
    let Message { signature, entity, .. } = &vector.message;
    let mut refused = 0;
    for at in 0..64 {
        let mut bytes = signing::read_signature(signature).unwrap();
        bytes[at] ^= 1;
        refused += u32::from(key.verify_strict(vector.string_to_sign.as_bytes(), &bytes.into()).is_err());
    }
    assert_eq!(refused, 64);
    let parts = [("post", "/inbox", "1729241808"), ("get", "/inbox", "1729241807"), ("post", "/inbox/", "1729241807")];
    for (method, path, signed_at) in parts {
        let text = signing::text(method, path, signed_at, entity.as_bytes());
        assert!(key.verify_strict(text.as_bytes(), &signing::read_signature(signature).unwrap().into()).is_err());
    }
}

#[test]
fn signers_of_the_vectors_are_of_all_three_forms() {
    let file = File::read();
    let forms = file.vectors.iter().map(|vector| signer::parse(&house(), &vector.message.signed_by).unwrap());
    let (users, instances): (Vec<_>, Vec<_>) = forms.partition(|signer| matches!(signer, Signer::User(_)));
    assert!(!users.is_empty() && instances.len() > 1);
}

#[test]
fn the_fixture_is_plain_ascii() {
    let text = include_str!("vectors.json");
    assert!(text.is_ascii() && serde_json::from_str::<Value>(text).is_ok());
}

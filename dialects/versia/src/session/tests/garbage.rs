//! A peer that says anything at all.

use proptest::prelude::*;
use serde_json::json;

use super::side::{NOW, Side, converse, message};

fn talking() -> Side {
    let (mut a, mut b) = (Side::dialing("a.example", "b.example"), Side::accepting("b.example"));
    converse(&mut a, &mut b);
    b
}

fn text() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        Just("signature"),
        Just("signed_at"),
        Just("signed_by"),
        Just("entity"),
        Just("in_reply_to"),
        Just("status"),
    ];
    let value = prop_oneof![
        any::<i64>().prop_map(|number| json!(number)),
        Just(json!(null)),
        Just(json!("1729241807")),
        Just(json!("instance a.example")),
        Just(json!({ "x": [] })),
        ".{0,40}".prop_map(|text| json!(text)),
    ];
    let object = proptest::collection::vec((member, value), 0..6)
        .prop_map(|members| serde_json::Value::Object(members.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()));
    let signed = ".{0,60}".prop_map(|entity| message("https://a.example/users/1", "post /inbox", NOW, &entity));
    prop_oneof![".{0,80}", object.prop_map(|it| it.to_string()), signed]
}

proptest! {
    #[test]
    fn nobody_gets_in_by_garbage(texts in proptest::collection::vec(text(), 1..8)) {
        for mut side in [Side::accepting("b.example"), Side::dialing("b.example", "a.example")] {
            for text in &texts {
                side.hear(text);
            }
            prop_assert_eq!(side.closed.map(|it| it.0), Some(4401));
            prop_assert!(side.identity.is_none());
        }
    }

    #[test]
    fn each_message_has_one_receipt(texts in proptest::collection::vec(text(), 1..20)) {
        let mut side = talking();
        let mut expected = 0;
        for text in &texts {
            let is_receipt = serde_json::from_str::<serde_json::Value>(text).is_ok_and(|frame| {
                let has = |name: &str| frame.get(name).is_some();
                has("in_reply_to") && !["entity", "signature", "signed_at", "signed_by"].into_iter().any(has)
            });
            expected += usize::from(!is_receipt);
            side.hear(text);
        }
        prop_assert_eq!(side.sent.len(), expected);
        prop_assert!(side.closed.is_none());
    }
}

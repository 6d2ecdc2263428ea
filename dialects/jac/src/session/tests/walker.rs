//! Every step of jac-cloud.md, section 3.

use quintet_core::procedure::Outcome;
use serde_json::value::RawValue;

use super::*;

fn walker(rest: &str) -> String {
    format!(r#"{{"type":"walker",{rest}}}"#)
}

#[test]
fn walkers_are_refused_in_the_originals_words() {
    let mut peer = Peer::open("");
    let invalid = "Invalid request! Please use valid walker event!";
    for (name, wanted) in [
        ("nobody", invalid),
        ("hidden", invalid),
        ("posted", invalid),
        ("chat_edit", invalid),
        ("", invalid),
        ("roll", "Event roll requires to be authenticated!"),
        (r#"a\"b"#, r#"Event a\"b requires to be authenticated!"#),
    ] {
        for response in ["true", "false"] {
            let told = peer.say(&walker(&format!(r#""walker":"{name}","response":{response}"#)));
            assert_eq!(told, (vec![format!(r#"{{"type":"walker","error":"{wanted}"}}"#)], vec![]), "{name}");
        }
    }
}

#[test]
fn walkers_are_called() {
    let words = |node: &str, root: &str| {
        format!(r#"{{"method":"websocket","node":{node},"root":"{root}","query":{{}},"path":{{}}}}"#)
    };
    for (user, event, wanted) in [
        (4097, r#""walker":"roll""#, format!("roll {{}} {}", words("null", ANN))),
        (
            4097,
            r#""walker":"roll","node":"n:T:1","context":{"b": 1.50, "a":["\u00e9"]}"#,
            format!(r#"roll {{"b":1.50,"a":["é"]}} {}"#, words(r#""n:T:1""#, ANN)),
        ),
        (4097, r#""walker":"roll","node":"""#, format!("roll {{}} {}", words("null", ANN))),
        // One that is not for users runs as the public root, whoever calls (jac-cloud.md, section 11).
        (4097, r#""walker":"peek""#, format!("peek {{}} {}", words("null", PUBLIC))),
        (1, r#""walker":"peek","context":{}"#, format!("peek {{}} {}", words("null", PUBLIC))),
        (1, r#""walker":"add","node":"x","context":{"a":1}"#, r#"add {"a":1} -"#.into()),
        (1, r#""walker":"chat_send","context":{"roomId":5}"#, r#"chat:send {"roomId":5} -"#.into()),
        (1, r#""walker":"chat:send""#, "chat:send {} -".into()),
    ] {
        let identity = if user == 1 { Identity::Public } else { Identity::User(Id::new(user).unwrap()) };
        let mut peer = Peer::open_as("", Ok(identity));
        assert_eq!(peer.say(&walker(event)), (vec![], vec![wanted]), "{event}");
    }
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.into()).unwrap()
}

/// What is sent upon the answer to a call of this walker: with a response wanted, and without.
fn answered(name: &str, answer: impl Fn() -> Result<Answer, Error>) -> [Vec<String>; 2] {
    ["true", "false"].map(|response| {
        let mut peer = Peer::open("");
        peer.say(&walker(&format!(r#""walker":"{name}","response":{response}"#)));
        let ticket = peer.calls.pop().unwrap();
        peer.answer(ticket, answer());
        peer.sent
    })
}

#[test]
fn results_are_told_to_those_who_want_them() {
    let answer = || Ok(Answer::Outcome(Outcome { status: 201, payload: raw(r#"{"status":201,"reports":["a"]}"#) }));
    assert_eq!(answered("peek", answer), [vec![r#"{"status":201,"reports":["a"]}"#.to_owned()], vec![]]);
    let answer = || Ok(Answer::Outcome(Outcome::ok(raw("3"))));
    assert_eq!(answered("add", answer), [vec![r#"{"status":200,"reports":[3]}"#.to_owned()], vec![]]);
    let body = || Err(Error::not_found("x").with_data(raw(r#"{"body":{"status":404}}"#)));
    assert_eq!(answered("peek", body), [vec![r#"{"status":404}"#.to_owned()], vec![]]);
}

#[test]
fn errors_are_told_to_everybody() {
    let denied = "You don't have access on target entry n:T:01!";
    let unavailable = || Error::unavailable("roll did not answer in time").with_status(504);
    let invalid = r#"{"validation":[{"type":"missing","loc":["sides"],"msg":"Field required","input":{}}]}"#;
    for (name, error, wanted) in [
        ("peek", &(|| Error::forbidden(denied)) as &dyn Fn() -> Error, format!(r#"{{"type":"walker","error":"{denied}"}}"#)),
        (
            "peek",
            &|| Error::bad_message("x").with_data(raw(invalid)),
            r#"{"error":[{"type":"missing","loc":["sides"],"msg":"Field required","input":{},"url":"https://errors.pydantic.dev/2.10/v/missing"}]}"#.into(),
        ),
        (
            "peek",
            &|| Error::internal("x").with_data(raw(r#"{"exception":"ValueError: [x] is not a valid reference!"}"#)),
            r#"{"error":["ValueError: [x] is not a valid reference!\n"]}"#.into(),
        ),
        ("peek", &unavailable, r#"{"type":"walker","error":"roll did not answer in time"}"#.into()),
        ("add", &unavailable, r#"{"type":"walker","error":"roll did not answer in time"}"#.into()),
        // Only walkers know this dialect's forms.
        (
            "add",
            &|| Error::bad_message("a is required").with_data(raw(r#"{"exception":"x"}"#)),
            r#"{"type":"walker","error":"a is required"}"#.into(),
        ),
    ] {
        let wanted = vec![wanted];
        assert_eq!(answered(name, || Err(error())), [wanted.clone(), wanted]);
    }
}

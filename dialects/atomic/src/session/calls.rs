//! `CALL`: procedures that a peer has called, and what they answer. Answers come when they are there, each with the `ref` of its call: a slow
//! procedure holds up nothing that was asked behind it.

use quintet_core::procedure::{Invocation, NAME_BYTES};
use quintet_core::{Action, Answer, Call, Error, Frame, Ticket};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::wire::told;

/// What the tickets of calls have in common; the rest is their number.
const CALLED: u32 = 1 << 30;

/// The calls under way, with their `ref`. The server takes no more messages while there are [`quintet_core::Limits::connection_calls`].
#[derive(Default)]
pub(super) struct Calls {
    under_way: Vec<(Ticket, Box<RawValue>)>,
    /// The number of the next one.
    next: u32,
}

#[derive(Deserialize)]
struct Called {
    name: String,
    payload: Option<Box<RawValue>>,
    #[serde(rename = "ref")]
    reference: Option<Box<RawValue>>,
}

impl Calls {
    /// Reads the argument of a `CALL`, and asks; `Err` says why it is none.
    pub(super) fn begin(&mut self, json: &str) -> Result<Action, String> {
        let Called { name, payload, reference } = read(json)?;
        let ticket = Ticket(CALLED | self.next);
        self.next = (self.next + 1) % CALLED;
        self.under_way.push((ticket, reference.unwrap_or_else(null)));
        let payload = payload.unwrap_or_else(null);
        // A connection is named where it hears what is said to it alone; here is no word for that.
        let invocation = Invocation { name: name.into(), payload, connection: None, extra: None };
        Ok(Action::Call(ticket, Call::Invoke(Box::new(invocation))))
    }

    /// What is told of the answer to the call with this ticket; nothing where there is none.
    pub(super) fn end(&mut self, ticket: Ticket, answer: Result<Answer, Error>) -> Option<Frame> {
        let place = self.under_way.iter().position(|(asked, _)| *asked == ticket)?;
        let (_, reference) = self.under_way.swap_remove(place);
        Some(match answer {
            Ok(Answer::Outcome(outcome)) => told::called(&reference, &outcome.payload),
            Ok(_) => told::refused(&reference, &Error::internal("a procedure was answered with something else")),
            Err(error) => told::refused(&reference, &error),
        })
    }
}

/// Whether a ticket is that of a call.
pub(super) fn is_call(ticket: Ticket) -> bool {
    ticket.0 & (CALLED << 1 | CALLED) == CALLED
}

fn read(json: &str) -> Result<Called, String> {
    // What is handed on unread is read once here, so that whoever reads it can: nested not too deep, numbers not too large.
    serde_json::from_str::<Map<String, Value>>(json).map_err(|error| error.to_string())?;
    let called: Called = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if called.name.is_empty() || called.name.len() > NAME_BYTES {
        return Err(format!("the name must have 1 to {NAME_BYTES} bytes"));
    }
    Ok(called)
}

fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

#[cfg(test)]
mod tests {
    use quintet_core::error::FieldError;
    use quintet_core::procedure::Outcome;

    use super::*;

    fn call(calls: &mut Calls, json: &str) -> (Ticket, Box<Invocation>) {
        match calls.begin(json) {
            Ok(Action::Call(ticket, Call::Invoke(invocation))) => (ticket, invocation),
            other => panic!("{json}: {other:?}"),
        }
    }

    fn outcome(json: &str) -> Answer {
        Answer::Outcome(Outcome::ok(RawValue::from_string(json.into()).unwrap()))
    }

    fn told(frame: Option<Frame>) -> Option<String> {
        frame.map(|frame| String::from_utf8(frame.payload().to_vec()).unwrap())
    }

    #[test]
    fn it_is_called_with_what_was_written() {
        for (json, name, payload) in [
            (r#"{"name":"orders:create","payload":{ "n": 1.10 },"ref":"007"}"#, "orders:create", r#"{ "n": 1.10 }"#),
            (r#"{"name":"echo"}"#, "echo", "null"),
            (r#"{"ref":null,"payload":null,"x":[],"name":"größe"}"#, "größe", "null"),
        ] {
            let (_, invocation) = call(&mut Calls::default(), json);
            assert_eq!((&*invocation.name, invocation.payload.get()), (name, payload), "{json}");
            assert!(invocation.connection.is_none() && invocation.extra.is_none());
        }
    }

    #[test]
    fn answers_find_their_ref_in_any_order_and_once() {
        let mut calls = Calls::default();
        let tickets =
            [r#""007""#, "[ 1 ]", "null"].map(|given| call(&mut calls, &format!(r#"{{"name":"a","ref":{given}}}"#)).0);
        for (place, json, expected) in [
            (1, "3", r#"CALLED {"ref":[ 1 ],"payload":3}"#),
            (0, r#"{ "a": 1.0 }"#, r#"CALLED {"ref":"007","payload":{ "a": 1.0 }}"#),
            (2, "null", r#"CALLED {"ref":null,"payload":null}"#),
        ] {
            assert!(is_call(tickets[place]));
            assert_eq!(told(calls.end(tickets[place], Ok(outcome(json)))).as_deref(), Some(expected));
            assert_eq!(told(calls.end(tickets[place], Ok(outcome(json)))), None, "once");
        }
        assert!(calls.under_way.is_empty());
        assert!(![0, 1, 2, 3, 1 << 31, 1 << 31 | CALLED].into_iter().any(|other| is_call(Ticket(other))));
    }

    #[test]
    fn errors_have_the_status_of_the_procedure_and_its_fields() {
        for (answer, expected) in [
            (Err(Error::forbidden("not yours")), r#""status":403,"error":"not yours"}"#),
            (Err(Error::bad_message("a teapot").with_status(418)), r#""status":418,"error":"a teapot"}"#),
            (
                Err(Error::invalid(vec![FieldError::required("id")])),
                r#""status":400,"error":"id is required","fieldErrors":[{"field":"id","error":"id is required"}]}"#,
            ),
            (Err(Error::internal("disk on fire")), r#""status":500,"error":"internal error"}"#),
            (Ok(Answer::Done), r#""status":500,"error":"internal error"}"#),
        ] {
            let mut calls = Calls::default();
            let (ticket, _) = call(&mut calls, r#"{"name":"a","ref":7}"#);
            assert_eq!(told(calls.end(ticket, answer)), Some(format!(r#"REJECTED {{"ref":7,{expected}"#)));
        }
    }

    #[test]
    fn what_is_no_call_is_told_so() {
        let deep = format!(r#"{{"name":"a","payload":{}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
        let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(129));
        for (json, why) in [
            ("x", "expected value"),
            ("[]", "invalid type: sequence, expected a map"),
            ("{}", "missing field `name`"),
            (r#"{"name":7}"#, "invalid type: integer"),
            (r#"{"name":""}"#, "the name must have 1 to 128 bytes"),
            (&long, "the name must have 1 to 128 bytes"),
            (r#"{"name":"a"} x"#, "trailing characters"),
            (&deep, "recursion limit exceeded"),
        ] {
            let mut calls = Calls::default();
            let told = calls.begin(json).unwrap_err();
            assert!(told.starts_with(why), "{told}");
            assert!(calls.under_way.is_empty());
        }
    }
}

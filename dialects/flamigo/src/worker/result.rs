//! Results: what a worker answers to an order.

use quintet_core::error::FieldError;
use quintet_core::payload::{Payload, text, whole};
use quintet_core::procedure::{OrderId, Outcome};
use quintet_core::{Error, Kind};
use serde_json::value::RawValue;

use crate::wire::command::Command;

/// Which order a worker speaks of: the `ack` of its call.
pub(crate) fn order(command: &Command<'_>) -> Result<OrderId, Error> {
    let ack = command.ack.ok_or_else(|| Error::invalid(vec![FieldError::required("ack")]))?;
    let number = text(ack).and_then(|digits| digits.parse().ok()).or_else(|| whole(ack));
    number.map(OrderId).ok_or_else(|| Error::invalid(vec![FieldError::failed("ack", "ack-of-a-call")]))
}

/// A result, with its HTTP status.
pub(crate) fn outcome(command: &Command<'_>) -> Result<Outcome, Error> {
    let status = command.status().filter(|status| (200..=299).contains(status));
    let status = status.ok_or_else(|| Error::invalid(vec![FieldError::failed("status", "200-299")]))?;
    Ok(Outcome { status, payload: command.payload()?.to_owned() })
}

/// A failure, in the worker's words. `Err` where those cannot be passed on.
pub(crate) fn failure(command: &Command<'_>) -> Result<Error, Error> {
    let mut payload = Payload::of(command.payload()?);
    let message = payload.optional_text("message");
    let status = payload.optional("status", "400-599", |raw| whole(raw).filter(|status| (400..=599).contains(status)));
    let wrong = payload.list("fieldErrors", "field-and-error", field);
    let data = Some(payload.any("data")).filter(|data| data.get() != "null").map(RawValue::to_owned);
    payload.check()?;
    let status = status.unwrap_or(500);
    let message = message.unwrap_or_else(|| Kind::of_status(status).neutral().into());
    let mut error = Error::new(Kind::of_status(status), message);
    if error.status() != status {
        error = error.with_status(status);
    }
    if let Some(wrong) = wrong {
        error = error.with_fields(wrong);
    }
    Ok(match data {
        Some(data) => error.with_data(data),
        None => error,
    })
}

fn field(raw: &RawValue) -> Option<FieldError> {
    #[derive(serde::Deserialize)]
    struct Wire {
        field: String,
        error: String,
    }
    let Wire { field, error } = serde_json::from_str(raw.get()).ok()?;
    Some(FieldError { field, error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(members: &str) -> String {
        format!("{{{members}}}")
    }

    #[test]
    fn an_order_is_named_by_its_ack() {
        for (members, number) in [
            (r#""ack":"17""#, Some(17)),
            (r#""ack":17"#, Some(17)),
            (r#""ackId":"17""#, None),
            (r#""ack":"x""#, None),
            (r#""ack":-1"#, None),
            ("", None),
        ] {
            let found = order(&Command::read(&read(members)).0).ok();
            assert_eq!(found, number.map(OrderId), "{members}");
        }
    }

    #[test]
    fn a_result_may_have_a_status_of_success() {
        for (members, status) in
            [("", Some(200)), (r#""status":201"#, Some(201)), (r#""status":404"#, None), (r#""status":"200""#, None)]
        {
            let told = outcome(&Command::read(&read(members)).0).ok();
            assert_eq!(told.map(|outcome| outcome.status), status, "{members}");
        }
    }

    fn failed(payload: &str) -> Result<Error, Error> {
        failure(&Command::read(&read(&format!(r#""payload":{payload}"#))).0)
    }

    #[test]
    fn a_failure_keeps_its_status_fields_and_data() {
        let error = failed(
            r#"{"message":"Note is locked","status":418,"fieldErrors":[{"field":"id","error":"id is required"}],"data":[1]}"#,
        )
        .unwrap();
        assert_eq!((error.public(), error.status(), error.kind()), ("Note is locked", 418, Kind::BadMessage));
        assert_eq!(error.fields(), [FieldError::required("id")]);
        assert_eq!(error.data().unwrap().get(), "[1]");
    }

    #[test]
    fn what_a_failure_does_not_say_is_neutral() {
        for (payload, message, status) in [
            ("null", "internal error", 500),
            (r#"{"status":409}"#, "conflict", 409),
            (r#"{"status":503,"message":""}"#, "not available at the moment", 503),
        ] {
            let error = failed(payload).unwrap();
            assert_eq!((error.public(), error.status()), (message, status), "{payload}");
        }
        for wrong in ["[]", r#"{"status":200}"#, r#"{"message":7}"#, r#"{"fieldErrors":[{}]}"#] {
            assert!(failed(wrong).is_err(), "{wrong}");
        }
    }
}

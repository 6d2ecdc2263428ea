//! Orders: calls that a worker is to answer.

use quintet_core::plain::{ActorObject, ConnectionObject};
use quintet_core::procedure::{Order, OrderId};
use quintet_core::{Frame, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::wire::write;

#[derive(Serialize)]
struct Told<T> {
    topic: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ack: Option<String>,
    payload: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Call<'a> {
    name: &'a str,
    payload: &'a RawValue,
    actor: ActorObject<'a>,
    connection: Option<ConnectionObject<'a>>,
    deadline_ms: i64,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Cancelled {
    ack: String,
}

/// `worker::call`. The time that is left is told, not when it ends: clocks differ.
pub(crate) fn call(id: OrderId, order: &Order, now: Timestamp) -> Frame {
    let Order { invocation, actor, deadline, attempt } = order;
    let payload = Call {
        name: &invocation.name,
        payload: &invocation.payload,
        actor: ActorObject::of(actor),
        connection: invocation.connection.as_ref().map(ConnectionObject::of),
        deadline_ms: deadline.millis().saturating_sub(now.millis()).max(0),
        attempt: *attempt,
        extra: invocation.extra.as_deref(),
    };
    Frame::text(&write(&Told { topic: "worker::call", ack: Some(id.0.to_string()), payload }))
}

/// `worker::cancel`.
pub(crate) fn cancel(id: OrderId) -> Frame {
    Frame::text(&write(&Told { topic: "worker::cancel", ack: None, payload: Cancelled { ack: id.0.to_string() } }))
}

#[cfg(test)]
mod tests {
    use quintet_core::Id;
    use quintet_core::procedure::{Actor, ActorKind, Caller, Connection, Invocation};

    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    fn text(frame: &Frame) -> String {
        String::from_utf8(frame.payload().to_vec()).unwrap()
    }

    #[test]
    fn a_call_says_who_calls_from_where_and_how_long() {
        let connection = Some(Connection { name: "c-1".into(), dialect: "flamigo".into() });
        let user = Some(Caller { id: Id::new(4097).unwrap(), username: "ann".into() });
        let invocation = Invocation { name: "add".into(), payload: raw(r#"{"a": 1.50}"#), connection, extra: None };
        let actor = Actor { kind: ActorKind::Websocket, user, admin: false };
        let mut order = Order { invocation, actor, deadline: Timestamp::from_millis(31_000), attempt: 1 };
        let now = Timestamp::from_millis(1_000);
        assert_eq!(
            text(&call(OrderId(17), &order, now)),
            concat!(
                r#"{"topic":"worker::call","ack":"17","payload":{"name":"add","payload":{"a": 1.50},"#,
                r#""actor":{"type":"websocket","user":{"id":"4097","username":"ann"},"admin":false},"#,
                r#""connection":{"id":"c-1","dialect":"flamigo"},"deadlineMs":30000,"attempt":1}}"#
            )
        );
        order.invocation.connection = None;
        order.invocation.extra = Some(raw(r#"{"method":"post"}"#));
        order.actor = Actor { kind: ActorKind::Backend, user: None, admin: true };
        assert_eq!(
            text(&call(OrderId(18), &order, Timestamp::from_millis(99_000))),
            concat!(
                r#"{"topic":"worker::call","ack":"18","payload":{"name":"add","payload":{"a": 1.50},"#,
                r#""actor":{"type":"backend","user":null,"admin":true},"connection":null,"deadlineMs":0,"#,
                r#""attempt":1,"extra":{"method":"post"}}}"#
            )
        );
    }

    #[test]
    fn a_cancelled_call_is_named_in_the_payload() {
        assert_eq!(text(&cancel(OrderId(17))), r#"{"topic":"worker::cancel","payload":{"ack":"17"}}"#);
    }
}

//! A worker's session.

use super::*;

#[test]
fn only_workers_come_in_at_the_workers_entrance() {
    let token = |name: &str| identify(&Credential::Token(Secret::new(name)));
    for (who, status) in
        [(token("w"), None), (Ok(Identity::Public), None), (token("ann"), Some(403)), (token("x"), Some(401))]
    {
        assert_eq!(check_at_the_door(who.as_ref()).err().map(|error| error.status()), status);
    }
    let mut peer = Peer::knock(Entrance::Workers, Ok(Identity::Public), Options::default());
    assert_eq!(peer.done, ["deadline Some(30s)"]);
    let enter = |token: &str| format!(r#"{{"topic":"app::websocket:auth","payload":{{"token":"{token}"}},"ack":"a"}}"#);
    assert_eq!(peer.refused(r#"{"topic":"worker::drain","ack":"1"}"#).1, 401);
    assert_eq!(peer.refused(&enter("x")).1, 401);
    assert_eq!(peer.refused(&enter("ann")).1, 403);
    assert_eq!(peer.say(&enter("w")), [r#"{"topic":"app::websocket:auth","ack":"a","payload":{"success":true}}"#]);
    assert_eq!(peer.refused(&enter("w")).1, 409);
}

#[test]
fn a_worker_registers_and_drains() {
    let mut peer = Peer::worker();
    let register = |name: &str| {
        format!(
            r#"{{"topic":"worker::register","ack":"1","payload":{{"calls":2,"procedures":[{{"name":"{name}"}}]}}}}"#
        )
    };
    assert_eq!(peer.say(&register("add")), [r#"{"topic":"worker::register","ack":"1","payload":{"success":true}}"#]);
    assert_eq!(peer.refused(&register("taken")), ("taken is taken".into(), 409));
    assert_eq!(peer.refused(&register("a b")).1, 400);
    assert_eq!(
        peer.say(r#"{"topic":"worker::drain","ack":"2"}"#),
        [r#"{"topic":"worker::drain","ack":"2","payload":{"success":true}}"#]
    );
    assert!(peer.say(r#"{"topic":"worker::drain"}"#).is_empty(), "without an ack only refusals are told");
    assert_eq!(peer.refused(r#"{"topic":"worker::rest"}"#).1, 404);
    assert_eq!(peer.done, [r#"offers ["add"], 2 at once"#, r#"offers ["taken"], 2 at once"#, "drain", "drain"]);
}

#[test]
fn a_worker_answers_orders() {
    let mut peer = Peer::worker();
    let actor = Actor { kind: ActorKind::Http, user: None, admin: false };
    let invocation = Invocation { name: "add".into(), payload: raw("[1,2]"), connection: None, extra: None };
    let order = Order { invocation, actor, deadline: NOW.plus_millis(5), attempt: 2 };
    let told = peer.hear(Input::Order(OrderId(17), Box::new(order)));
    assert!(
        told[0].starts_with(r#"{"topic":"worker::call","ack":"17","payload":{"name":"add","payload":[1,2],"#),
        "{told:?}"
    );
    assert_eq!(peer.hear(Input::Cancel(OrderId(17))), [r#"{"topic":"worker::cancel","payload":{"ack":"17"}}"#]);
    for (text, refused) in [
        (r#"{"topic":"worker::call","ack":"17","payload":3}"#, None),
        (r#"{"topic":"worker::call","ack":"18"}"#, None),
        (r#"{"topic":"worker::call","ack":"19","status":201,"payload":3}"#, None),
        (r#"{"topic":"worker::call","ack":"20","status":404,"payload":3}"#, Some(400)),
        (r#"{"topic":"error","ack":"21","payload":{"message":"locked","status":409}}"#, None),
        (r#"{"topic":"error","ack":"22","payload":7}"#, Some(400)),
        (r#"{"topic":"worker::call","payload":3}"#, Some(400)),
        (r#"{"topic":"error","ack":"x"}"#, Some(400)),
    ] {
        match refused {
            Some(status) => assert_eq!(peer.refused(text).1, status, "{text}"),
            None => assert!(peer.say(text).is_empty(), "{text}"),
        }
    }
    assert_eq!(
        peer.done,
        [
            "17 is 200 3",
            "18 is 200 null",
            "19 is 201 3",
            "20 failed with 500 internal error",
            "21 failed with 409 locked",
            "22 failed with 500 internal error",
        ]
    );
}

#[test]
fn a_worker_is_never_held_up_by_what_it_calls() {
    let mut peer = Peer::worker();
    peer.slow = Some(Vec::new());
    peer.say(r#"{"topic":"app::echo","ack":"4"}"#);
    assert!(!peer.session.waits());
    let (ticket, call) = peer.slow.take().unwrap().remove(0);
    peer.answer(ticket, answered(call));
    assert_eq!(peer.sent, [r#"{"topic":"app::echo","ack":"4","payload":null}"#]);
}

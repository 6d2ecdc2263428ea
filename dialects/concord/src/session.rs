//! One peer's side of `/client`. It remembers nothing: every message stands for itself.

use quintet_core::chat::NewChat;
use quintet_core::{Action, Body, Call, Error, Input, Ticket, Timestamp, dialect};

use crate::address;
use crate::refusal::Refusal;
use crate::wire::client_message::{ClientMessage, Reacted, Typing, Written};

/// The ticket of the subscriptions.
pub(crate) const SUBSCRIBED: Ticket = Ticket(0);
/// The ticket of what is not kept: nobody is told when it is not taken.
const TYPED: Ticket = Ticket(1);
/// The ticket of chats and reactions: their frames are the acknowledgement, an error frame the refusal.
const ASKED: Ticket = Ticket(2);

/// A connection's protocol state.
#[derive(Debug)]
pub(crate) struct Session;

impl dialect::Session for Session {
    fn handle(&mut self, input: Input<'_>, now: Timestamp, actions: &mut Vec<Action>) {
        match input {
            Input::Text(text) => match ClientMessage::read(text) {
                Ok(Some(message)) => actions.push(act(message, now)),
                Ok(None) => {}
                Err(error) => actions.push(refuse(&error)),
            },
            Input::Binary(_) => {
                actions.push(refuse(&Error::bad_message("binary message: send JSON in a text message")));
            }
            // "Ignore unknown or invisible channels": typing is too fleeting to argue about.
            Input::Answer(TYPED, _) | Input::Answer(_, Ok(_)) | Input::Order(..) | Input::Cancel(_) => {}
            Input::Refused(error) | Input::Answer(_, Err(error)) => actions.push(refuse(&error)),
        }
    }
}

fn refuse(error: &Error) -> Action {
    Action::Send(Refusal::from(error).frame())
}

fn act(message: ClientMessage, now: Timestamp) -> Action {
    match message {
        ClientMessage::Typing(typing) => publish(&typing, now),
        ClientMessage::Written(written) => Action::Call(ASKED, post(written)),
        ClientMessage::Reacted(reacted) => Action::Call(ASKED, react(reacted)),
    }
}

/// "`chat_typing` without `sentAt`: docs → server's receive time [...] **Take docs.** A given `sentAt` is passed on unchanged."
fn publish(typing: &Typing, now: Timestamp) -> Action {
    let room = typing.channel_id.0;
    let sent_at = typing.sent_at.map_or(now, |sent_at| sent_at.0);
    let thread = typing.thread_id.map(|thread| thread.0);
    Action::Publish(TYPED, vec![address::channel_topic(room)], Body::Typing { room, thread, sent_at })
}

fn post(written: Written) -> Call {
    Call::PostChat(NewChat {
        room: written.channel_id.0,
        thread: written.thread_id.map(|thread| thread.0),
        content: written.content.0,
        sent_at: written.sent_at.map(|sent_at| sent_at.0),
        subject: None,
    })
}

fn react(reacted: Reacted) -> Call {
    Call::React { chat: reacted.chat_id.0, reaction: reacted.reaction.0, adding: reacted.adding }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quintet_core::{Answer, Id};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_760_000_000_000);

    fn handle(input: Input<'_>) -> Vec<Action> {
        let mut actions = Vec::new();
        dialect::Session::handle(&mut Session, input, NOW, &mut actions);
        actions
    }

    fn say(text: &str) -> Action {
        let mut actions = handle(Input::Text(text));
        assert_eq!(actions.len(), 1, "{text}");
        actions.remove(0)
    }

    fn told(actions: &[Action]) -> String {
        let [Action::Send(frame)] = actions else { panic!("not one frame: {actions:?}") };
        String::from_utf8(frame.payload().to_vec()).unwrap()
    }

    fn id(number: u64) -> Id {
        Id::new(number).unwrap()
    }

    #[test]
    fn typing_is_published_with_the_time_given_or_now() {
        for (rest, thread, sent_at) in [
            (r#""threadId":null"#, None, NOW.millis()),
            (r#""sentAt":5"#, None, 5),
            (r#""threadId":77,"sentAt":-1,"userId":1,"more":[{}]"#, Some(id(77)), -1),
        ] {
            let text = format!(r#"{{"type":"chat_typing","channelId":4101,{rest}}}"#);
            let Action::Publish(TYPED, topics, body) = say(&text) else { panic!("{text}") };
            assert_eq!(topics, [address::channel_topic(id(4101))]);
            let sent_at = Timestamp::from_millis(sent_at);
            assert_eq!(body, Body::Typing { room: id(4101), thread, sent_at }, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_asked_for() {
        for (rest, thread, sent_at) in [
            ("", None, None),
            (r#""threadId":null,"sentAt":1760000000000,"#, None, Some(NOW)),
            (r#""threadId":9,"authorId":1,"#, Some(id(9)), None),
        ] {
            let text = format!(r#"{{"type":"chat_written",{rest}"channelId":4101,"content":"Lunch?"}}"#);
            let Action::Call(ASKED, Call::PostChat(chat)) = say(&text) else { panic!("{text}") };
            assert_eq!(chat, NewChat { room: id(4101), thread, content: "Lunch?".into(), sent_at, subject: None });
        }
    }

    #[test]
    fn reactions_are_taken_codepoint_by_codepoint() {
        for (reaction, adding) in [("🍕", true), ("✔\u{fe0f}", false), ("a.b", true)] {
            let text = format!(r#"{{"type":"chat_reaction","chatId":5550,"reaction":"{reaction}","adding":{adding}}}"#);
            let Action::Call(ASKED, Call::React { chat, reaction: felt, adding: added }) = say(&text) else {
                panic!("{text}")
            };
            assert_eq!((chat, felt.as_str(), added), (id(5550), reaction, adding));
        }
    }

    #[test]
    fn a_type_may_be_spelt_with_escapes_and_stand_last() {
        let text = r#" {"channelId":1,"content":"\"type\":\"x\"","type":"chat\u005fwritten"} "#;
        assert!(matches!(say(text), Action::Call(ASKED, Call::PostChat(_))));
    }

    #[test]
    fn what_is_not_meant_for_us_is_ignored() {
        for text in [
            "",
            " \r\n\t",
            "null",
            "7",
            r#""chat_typing""#,
            "[]",
            r#"["chat_typing",4101,null]"#,
            "{}",
            r#"{"channelId":4101}"#,
            r#"{"type":null}"#,
            r#"{"type":7,"channelId":4101}"#,
            r#"{"type":["chat_typing"]}"#,
            r#"{"type":"chat_typed","channelId":"x"}"#,
            r#"{"type":"CHAT_TYPING","channelId":4101}"#,
            r#"{"type":"heartbeat","timestamp":1760000000000}"#,
            r#"{"type":"error","status":400,"message":""}"#,
        ] {
            let actions = handle(Input::Text(text));
            assert!(actions.is_empty(), "{text}: {actions:?}");
        }
    }

    #[test]
    fn what_cannot_be_understood_is_told_to_the_offender() {
        for (text, message) in [
            ("hello", "not JSON"),
            ("{", "not JSON"),
            ("[1,2", "not JSON"),
            (r#"{"type":"chat_typing",}"#, "not JSON"),
            (r#"{"type":"chat_typing"}{}"#, "not JSON"),
            (r#"{"type":"chat_typing"}"#, "chat_typing: missing field `channelId`"),
            (r#"{"type":"chat_typing","channelId":null}"#, "chat_typing: channelId: invalid type: null"),
            (r#"{"type":"chat_typing","channelId":"4101"}"#, "chat_typing: channelId: invalid type: string"),
            (r#"{"type":"chat_typing","channelId":4101.0}"#, "chat_typing: channelId: invalid type: floating point"),
            (
                r#"{"type":"chat_typing","channelId":-1}"#,
                "chat_typing: channelId: invalid type: integer `-1`, expected an id",
            ),
            (
                r#"{"type":"chat_typing","channelId":9007199254740992}"#,
                "chat_typing: channelId: invalid value: integer `9007199254740992`, expected an id",
            ),
            (r#"{"type":"chat_typing","channelId":1,"channelId":2}"#, "chat_typing: duplicate field `channelId`"),
            (r#"{"type":"chat_typing","channelId":1,"threadId":"7"}"#, "chat_typing: threadId: invalid type: string"),
            (r#"{"type":"chat_typing","channelId":1,"sentAt":null}"#, "chat_typing: sentAt: invalid type: null"),
            (
                r#"{"type":"chat_typing","channelId":1,"sentAt":1.5}"#,
                "chat_typing: sentAt: invalid type: floating point",
            ),
            (r#"{"type":"chat_written","content":"x"}"#, "chat_written: missing field `channelId`"),
            (r#"{"type":"chat_written","channelId":1}"#, "chat_written: missing field `content`"),
            (r#"{"type":"chat_written","channelId":1,"content":null}"#, "chat_written: content: invalid type: null"),
            (r#"{"type":"chat_written","channelId":1,"content":""}"#, "chat_written: content: must not be empty"),
            (r#"{"type":"chat_written","channelId":1,"content":5}"#, "chat_written: content: invalid type: integer"),
            (r#"{"type":"chat_written","channelId":1,"content":"\ud800"}"#, "chat_written: "),
            (r#"{"type":"chat_reaction","reaction":"x","adding":true}"#, "chat_reaction: missing field `chatId`"),
            (r#"{"type":"chat_reaction","chatId":1,"adding":true}"#, "chat_reaction: missing field `reaction`"),
            (
                r#"{"type":"chat_reaction","chatId":1,"reaction":"","adding":true}"#,
                "chat_reaction: reaction: must not be empty",
            ),
            (r#"{"type":"chat_reaction","chatId":1,"reaction":"x"}"#, "chat_reaction: missing field `adding`"),
            (
                r#"{"type":"chat_reaction","chatId":1,"reaction":"x","adding":1}"#,
                "chat_reaction: adding: invalid type: integer",
            ),
        ] {
            let told = told(&handle(Input::Text(text)));
            let start = format!(r#"{{"type":"error","status":400,"message":"{message}"#);
            assert!(told.starts_with(&start), "{text}: {told}");
        }
    }

    #[test]
    fn what_the_peer_sent_is_not_echoed_at_length() {
        let text = format!(r#"{{"type":"chat_typing","channelId":"{}"}}"#, "é".repeat(30_000));
        assert!(told(&handle(Input::Text(&text))).len() < 500);
    }

    #[test]
    fn deep_nesting_does_not_overflow_the_stack() {
        let deep = "[".repeat(32_000);
        assert!(told(&handle(Input::Text(&deep))).contains("not JSON"));
        let balanced = format!(r#"{{"type":"x","y":{}{}}}"#, &deep, "]".repeat(32_000));
        assert!(handle(Input::Text(&balanced)).len() <= 1);
        let known = format!(r#"{{"type":"chat_typing","channelId":{deep}"#);
        assert_eq!(handle(Input::Text(&known)).len(), 1);
    }

    #[test]
    fn binary_is_refused() {
        let told = told(&handle(Input::Binary(b"{}")));
        assert_eq!(told, r#"{"type":"error","status":400,"message":"binary message: send JSON in a text message"}"#);
    }

    #[test]
    fn a_rate_limit_is_told() {
        let told = told(&handle(Input::Refused(Error::too_many("slow down"))));
        assert_eq!(told, r#"{"type":"error","status":429,"message":"slow down"}"#);
    }

    #[test]
    fn only_refused_chats_and_reactions_are_told() {
        let refused = || Error::not_found("no such chat");
        let actions = handle(Input::Answer(ASKED, Err(refused())));
        assert_eq!(told(&actions), r#"{"type":"error","status":404,"message":"no such chat"}"#);
        for (ticket, answer) in [
            (ASKED, Ok(Answer::Done)),
            (SUBSCRIBED, Ok(Answer::Subscribed { readable: true })),
            (TYPED, Err(refused())),
        ] {
            assert!(handle(Input::Answer(ticket, answer)).is_empty(), "{ticket:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            prop_assert!(handle(Input::Text(&text)).len() <= 1);
        }

        #[test]
        fn no_fields_make_it_panic(
            kind in "chat_(typing|written|reaction)|heartbeat|[a-z_]{0,9}",
            key in "channelId|threadId|chatId|content|reaction|adding|sentAt|type",
            value in r#"[0-9]{1,22}|-?[0-9]\.[0-9]e[0-9]{1,4}|null|true|"[^"]{0,9}"|\[\]|\{\}|\{"a":\[1"#,
        ) {
            let text = format!(r#"{{"type":"{kind}","channelId":1,"{key}":{value}}}"#);
            prop_assert!(handle(Input::Text(&text)).len() <= 1);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(handle(Input::Binary(&bytes)).len(), 1);
        }
    }
}

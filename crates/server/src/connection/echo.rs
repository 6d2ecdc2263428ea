//! The echo socket of `--conformance`: what a judge of WebSocket servers talks to.

use quintet_core::http::{Head, Request, Response, Step};
use quintet_core::{Action, Credential, Dialect, Error, Event, Frame, Hello, Input, Origin, Session, Timestamp};

/// The name of the dialect. It agrees to compression wherever that is offered.
pub const NAME: &str = "echo";

/// Says everything back, at `/echo`. Hears no event, serves no HTTP.
pub struct Echo;

struct Mouth;

impl Dialect for Echo {
    fn name(&self) -> &'static str {
        NAME
    }

    fn sockets(&self) -> &'static [&'static str] {
        &["/echo"]
    }

    fn serves(&self, _: &str) -> bool {
        false
    }

    fn message_bytes(&self) -> usize {
        16 * 1024 * 1024
    }

    fn credential(&self, _: &Head) -> Credential {
        Credential::None
    }

    fn open(&self, _: Hello<'_>, _: &mut Vec<Action>) -> Result<Box<dyn Session>, Error> {
        Ok(Box::new(Mouth))
    }

    fn render(&self, _: &Event, _: &Origin) -> Option<Frame> {
        None
    }

    fn request(&self, _: Request) -> Step {
        Step::Reply(Response::empty(404))
    }

    fn refusal(&self, _: &Head, error: &Error) -> Response {
        Response {
            body: error.public().to_owned().into(),
            content_type: Some("text/plain"),
            ..Response::empty(error.kind().status())
        }
    }
}

impl Session for Mouth {
    fn handle(&mut self, input: Input<'_>, _: Timestamp, actions: &mut Vec<Action>) {
        actions.extend(match input {
            Input::Text(text) => Some(Action::Send(Frame::text(text))),
            Input::Binary(bytes) => Some(Action::Send(Frame::binary(bytes))),
            Input::Refused(error) => Some(Action::Close(error.kind().close_code(), error.public().to_owned())),
            Input::Answer(..) | Input::Order(..) | Input::Cancel(_) | Input::Parcel(_) | Input::Part(_) => None,
        });
    }
}

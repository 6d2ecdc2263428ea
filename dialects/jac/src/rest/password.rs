//! `POST /user/change_password`: `old_password`, `new_password`. Every token of the user ends.

use quintet_core::http::{Request, Response, Step};
use quintet_core::identity::Secret;
use quintet_core::{Answer, Call, Error, Kind};

use super::{bearer, body, message};
use crate::refusal;

pub(super) fn answer(request: &Request) -> Step {
    let json = match body::read(request) {
        Ok(json) => json,
        Err(response) => return Step::Reply(response),
    };
    let credential = match bearer::credential(&request.head) {
        Ok(credential) => credential,
        Err(response) => return Step::Reply(response),
    };
    match call(&json) {
        Ok(call) => bearer::ask(credential, call, respond),
        // Whether the token holds is told before what is wrong with the fields.
        Err(invalid) => bearer::ask_then(credential, invalid),
    }
}

fn call(json: &str) -> Result<Call, Response> {
    body::fields(json, |form, whole| {
        let [old, new] = whole.pick(["old_password", "new_password"]);
        let old = form.text("old_password", old);
        let new = body::password(form, "new_password", new);
        Some(Call::ChangePassword { old: Some(Secret::new(old?)), new: Secret::new(new?), end_tokens: true })
    })
}

fn respond(answer: Result<Answer, Error>) -> Response {
    match answer {
        Ok(_) => message(200, "Successfully Updated!"),
        Err(error) => match error.kind() {
            Kind::Forbidden => message(403, "Update Failed!"),
            Kind::BadMessage => body::value_error(error.public()),
            _ => refusal::response(&error),
        },
    }
}

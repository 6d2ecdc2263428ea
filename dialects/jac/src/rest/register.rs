//! `POST /user/register`: `email`, `password`.

use quintet_core::http::{Request, Response, Step};
use quintet_core::identity::Secret;
use quintet_core::user::NewLogin;
use quintet_core::{Answer, Call, Error, Kind};

use super::{ask_as_anybody, body, message};
use crate::refusal;

pub(super) fn answer(request: &Request) -> Step {
    ask_as_anybody(call(request), respond)
}

fn call(request: &Request) -> Result<Call, Response> {
    let json = body::read(request)?;
    body::fields(&json, |form, whole| {
        let [email, password] = whole.pick(["email", "password"]);
        let email = body::email(form, email);
        let password = body::password(form, "password", password);
        Some(Call::Register { login: NewLogin::Email(email?), password: Secret::new(password?) })
    })
}

fn respond(answer: Result<Answer, Error>) -> Response {
    match answer {
        Ok(_) => message(201, "Successfully Registered!"),
        Err(error) => match error.kind() {
            Kind::Conflict => refusal::detail(409, "Already Exists!"),
            Kind::BadMessage => body::value_error(error.public()),
            _ => refusal::response(&error),
        },
    }
}

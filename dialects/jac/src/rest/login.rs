//! `POST /user/login`: `email`, which may be a username, and `password`.

use quintet_core::http::{Request, Response, Step};
use quintet_core::identity::Secret;
use quintet_core::{Answer, Call, Error, Kind};

use super::{ask_as_anybody, body, email, message};
use crate::refusal;
use crate::wire::{self, account::Login};

pub(super) fn answer(request: &Request) -> Step {
    ask_as_anybody(call(request), respond)
}

fn call(request: &Request) -> Result<Call, Response> {
    let json = body::read(request)?;
    body::fields(&json, |form, whole| {
        let [login, password] = whole.pick(["email", "password"]);
        let login = form.text("email", login);
        let password = form.text("password", password);
        let login = login.map(|login| email::normal(&login).unwrap_or_else(|_| login.into_owned()));
        Some(Call::LogIn { login: login?, password: Secret::new(password?) })
    })
}

fn respond(answer: Result<Answer, Error>) -> Response {
    match answer {
        Ok(Answer::SignedIn(signed_in)) => Response::json(200, wire::write(&Login::of(&signed_in))),
        Ok(_) => refusal::response(&Error::internal("a login was answered with something else")),
        Err(error) if matches!(error.kind(), Kind::Unauthenticated | Kind::BadMessage) => {
            message(400, "Invalid Email/Password!")
        }
        Err(error) => refusal::response(&error),
    }
}

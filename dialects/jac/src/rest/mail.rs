//! Calls that would send or check a code by e-mail. No provider is configured, so each fails as the original words it.

use quintet_core::Call;
use quintet_core::http::{Request, Step};

use super::{bearer, body, message};
use crate::json::Value;
use crate::refusal;
use crate::validation::Form;

/// `POST /user/forgot_password`: `email`.
pub(super) fn forgot_password(request: &Request) -> Step {
    failing(request, "Failed to process forgot password!", |form, whole| {
        let [email] = whole.pick(["email"]);
        body::email(form, email).map(drop)
    })
}

/// `POST /user/reset_password`: `code`, `password`.
pub(super) fn reset_password(request: &Request) -> Step {
    failing(request, "Failed to reset password!", |form, whole| {
        let [code, password] = whole.pick(["code", "password"]);
        let code = form.text("code", code);
        let password = form.text("password", password);
        code.and(password).map(drop)
    })
}

/// `POST /user/verify`: `code`.
pub(super) fn verify(request: &Request) -> Step {
    failing(request, "Verification Failed!", |form, whole| {
        let [code] = whole.pick(["code"]);
        form.text("code", code).map(drop)
    })
}

/// A call that fails with 403 once its fields are right.
fn failing(
    request: &Request,
    failure: &'static str,
    fields: impl for<'a> FnOnce(&mut Form<'a>, Value<'a>) -> Option<()>,
) -> Step {
    let checked = body::read(request).and_then(|json| body::fields(&json, fields));
    Step::Reply(checked.map_or_else(|response| response, |()| message(403, failure)))
}

/// `POST /user/send-verification-code`: users are active at once.
pub(super) fn send_code(request: &Request) -> Step {
    match bearer::credential(&request.head) {
        Err(response) => Step::Reply(response),
        Ok(credential) => bearer::ask(credential, Call::Me, |answer| match answer {
            Ok(_) => message(400, "Account is already verified!"),
            Err(error) => refusal::response(&error),
        }),
    }
}

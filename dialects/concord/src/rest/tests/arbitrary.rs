//! Whatever is sent, there is a response.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn no_request_makes_it_panic(
        row in 0..table::ROUTES.len(),
        ids in "[0-9]{1,20}|[a-z%/]{0,5}",
        query in "([a-zA-Z]{1,9}=[-+%0-9a-z]{0,9}&){0,3}",
        body in prop::collection::vec(any::<u8>(), 0..60),
    ) {
        let route = &table::ROUTES[row];
        let line = format!("{} {}?{query}", route.method, route.path.replace("{id}", &ids));
        let mut request = request(&line, "x");
        request.body = body.into();
        let reply = match step(request, PAGE_CHATS) {
            Step::Ask(exchange) => (exchange.reply)(Ok(Answer::Done)),
            Step::Reply(response) => response,
        };
        prop_assert!((200..600).contains(&reply.status));
    }

    #[test]
    fn no_object_makes_it_panic(
        row in 0..table::ROUTES.len(),
        key in "name|content|reaction|adding|values|admin|ordinality|sentAt|threadId|username|password",
        value in r#"-?[0-9]{1,22}|[0-9]\.[0-9]e[0-9]{1,4}|null|true|"[^"]{0,9}"|\[1\]|\{"view":[0-9]{1,12}\}"#,
    ) {
        let route = &table::ROUTES[row];
        let line = format!("{} {}", route.method, route.path.replace("{id}", "7"));
        let body = format!(r#"{{"name":"n","content":"c","{key}":{value}}}"#);
        if let Step::Reply(response) = step(request(&line, &body), PAGE_CHATS) {
            prop_assert!(response.status >= 400);
        }
    }
}

//! Which pages from elsewhere may read the answers (the Fetch standard, section 3.3).

use hyper::HeaderMap;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue, ORIGIN, VARY,
};

use crate::config::Cors;

/// What is allowed where a preflight does not name its method.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// How long a browser may remember a preflight, in seconds; browsers cut it at two hours.
const REMEMBER: &str = "7200";

/// Says who may read this answer.
pub(crate) fn allow(cors: &Cors, request: &HeaderMap, response: &mut HeaderMap) {
    if cors.is_open() {
        response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
        return;
    }
    response.append(VARY, HeaderValue::from_static("origin"));
    let Some(origin) = request.get(ORIGIN) else { return };
    if cors.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
        response.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        response.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}

/// Adds what the answer to a preflight says: any method, any header. Who may do what is not decided here.
pub(crate) fn preflight(request: &HeaderMap, response: &mut HeaderMap) {
    let mut echo = |from: HeaderName, to: HeaderName, otherwise: &'static str| {
        response.insert(to, request.get(from).cloned().unwrap_or(HeaderValue::from_static(otherwise)));
    };
    echo(ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    echo(ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS, "*");
    response.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(REMEMBER));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origins: &[&str], origin: &str) -> (Option<String>, bool) {
        let cors = Cors { origins: origins.iter().map(|&origin| origin.to_owned()).collect() };
        let (mut request, mut response) = (HeaderMap::new(), HeaderMap::new());
        request.insert(ORIGIN, origin.parse().unwrap());
        allow(&cors, &request, &mut response);
        let found = response.get(ACCESS_CONTROL_ALLOW_ORIGIN).map(|value| value.to_str().unwrap().to_owned());
        (found, response.contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS))
    }

    #[test]
    fn credentials_are_for_listed_origins_only() {
        let table = [
            (&["*"][..], "https://a.example", Some("*"), false),
            (&["https://a.example"], "https://a.example", Some("https://a.example"), true),
            (&["https://a.example"], "https://b.example", None, false),
            (&["https://a.example", "*"], "https://a.example", Some("*"), false),
            (&[], "https://a.example", None, false),
        ];
        for (origins, origin, found, credentials) in table {
            assert_eq!(allowed(origins, origin), (found.map(str::to_owned), credentials), "{origins:?} {origin}");
        }
    }
}

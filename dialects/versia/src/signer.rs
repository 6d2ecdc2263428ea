//! Signers: whose key a signature is to be of, in three spellings (versia.md, section 1.5). A boundary of security, so it is read by whitelist.

use quintet_core::Error;
use quintet_core::federation::host::Reach;
use quintet_core::federation::{Address, Form, Host, Signer};
use quintet_core::limits::ADDRESS_BYTES;

use crate::house::House;

/// Before the host of a house that signs for itself, in 0.5.
const INSTANCE: &str = "instance ";

/// Reads who signed. `BadMessage` for what is spelled in no allowed way, and for a signer of this very house.
pub(crate) fn parse(house: &House, text: &str) -> Result<Signer, Error> {
    let signer = read(text, house.reach)
        .ok_or_else(|| Error::bad_message("signed_by is not a user's URI, an instance or a domain"))?;
    if house.host.as_ref() == Some(signer.host()) {
        return Err(Error::bad_message("signed_by is of this server"));
    }
    Ok(signer)
}

/// An absolute URI of something of a house: `https`, a canonical host, a path without anything that two readers could take for two things.
pub(crate) fn uri(text: &str, reach: Reach) -> Option<Address> {
    let host = authority(text)?;
    let host = Host::parse(host, reach)?;
    let path = text.strip_prefix(host.scheme())?.strip_prefix("://")?.strip_prefix(host.as_str())?;
    (text.len() <= ADDRESS_BYTES && is_path(path)).then(|| Address { host, form: Form::Uri, key: text.into() })
}

/// How a house that signs for itself is spelled.
pub(crate) fn spell_instance(host: &Host, form: Form) -> String {
    match form {
        Form::Uri => format!("{INSTANCE}{host}"),
        Form::Reference => host.to_string(),
    }
}

fn read(text: &str, reach: Reach) -> Option<Signer> {
    if let Some(host) = text.strip_prefix(INSTANCE) {
        return Some(Signer::Instance(Host::parse(host, reach)?, Form::Uri));
    }
    if text.contains("://") {
        return uri(text, reach).map(Signer::User);
    }
    let host = Host::parse(text, reach)?;
    // A domain has no port, but where servers share a machine (versia.md, section 7).
    (host.port().is_none() || reach == Reach::Loopback).then_some(Signer::Instance(host, Form::Reference))
}

/// What stands between the scheme and the path.
fn authority(text: &str) -> Option<&str> {
    text.split_once("://")?.1.split_once('/').map(|(host, _)| host)
}

/// RFC 3986, section 3.3 and 3.4: what may stand in a path and a query; a percent sign begins two digits, and no segment is `.` or `..`.
pub(crate) fn is_path(path: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte);
    let dots = |segment: &str| segment == "." || segment == "..";
    let mut escapes = path.split('%').skip(1);
    path.starts_with('/')
        && path.bytes().all(allowed)
        && !path.split(['/', '?']).any(dots)
        && escapes.all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|digit| digit.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use quintet_core::{Limits, Origin};

    use super::*;
    use crate::Options;

    fn house(origin: &str, reach: Reach) -> House {
        House::new(&Origin(origin.into()), &Limits::default(), Options { enabled: true, reach, ..Options::default() })
    }

    #[test]
    fn three_forms_are_read() {
        let house = house("https://b.example", Reach::Net);
        let host = |text: &str| Host::parse(text, Reach::Net).unwrap();
        let user = |host: &str, key: &str| {
            Signer::User(Address { host: Host::parse(host, Reach::Net).unwrap(), form: Form::Uri, key: key.into() })
        };
        let table = [
            ("https://a.example/users/7f2c", user("a.example", "https://a.example/users/7f2c")),
            ("https://a.example:8443/@alice", user("a.example:8443", "https://a.example:8443/@alice")),
            ("https://a.example/u?id=%2f", user("a.example", "https://a.example/u?id=%2f")),
            ("https://xn--bcher-kva.example/1", user("xn--bcher-kva.example", "https://xn--bcher-kva.example/1")),
            // A name under another host's is another host.
            ("https://b.example.evil.example/1", user("b.example.evil.example", "https://b.example.evil.example/1")),
            ("instance a.example", Signer::Instance(host("a.example"), Form::Uri)),
            ("instance a.example:8443", Signer::Instance(host("a.example:8443"), Form::Uri)),
            ("a.example", Signer::Instance(host("a.example"), Form::Reference)),
        ];
        for (text, signer) in table {
            assert_eq!(parse(&house, text).unwrap(), signer, "{text}");
        }
    }

    #[test]
    fn lookalikes_are_refused() {
        let house = house("https://b.example", Reach::Net);
        let long = format!("https://a.example/{}", "a".repeat(ADDRESS_BYTES));
        let table = [
            "",
            " ",
            "instance ",
            "Instance a.example",
            "instance  a.example",
            "instance a.example ",
            "instance\ta.example",
            "instance https://a.example",
            "instance a.example:443",
            "instance a.example/",
            "a.example:8443",
            "a.example.",
            "A.example",
            "a..example",
            "a.example\n",
            "a_b.example",
            "127.0.0.1",
            "[::1]",
            "localhost",
            "https://a.example",
            "https:///users/1",
            "https:/a.example/users/1",
            "http://a.example/users/1",
            "HTTPS://a.example/users/1",
            "ftp://a.example/users/1",
            "https://a.example@evil.example/users/1",
            "https://user:word@a.example/users/1",
            "https://a.example:443/users/1",
            "https://a.example:/users/1",
            "https://a.example:08443/users/1",
            "https://a.example:65536/users/1",
            "https://a.example./users/1",
            "https://.a.example/users/1",
            "https://A.example/users/1",
            "https://a%2eexample/users/1",
            "https://a.example%2fusers/1",
            "https://a.example\\@evil.example/users/1",
            "https://a.example\\/users/1",
            "https://a.example/users\\1",
            "https://a.example/users/1#key",
            "https://a.example/users/ 1",
            "https://a.example/users/1\u{7f}",
            "https://a.example/users/1\u{0}",
            "https://a.example/users/1\n",
            "https://a.example/users/ü",
            "https://bücher.example/users/1",
            "https://a.example/%",
            "https://a.example/%2",
            "https://a.example/%zz",
            "https://a.example/users/../1",
            "https://a.example/./1",
            "https://a.example?/users/1",
            "https://a.example#/users/1",
            "https://1.2.3.4/users/1",
            "https://0x7f.1/users/1",
            "https://[::1]/users/1",
            "https://localhost/users/1",
            " https://a.example/users/1",
            "https://a.example/users/1 ",
            "https://a.example/x https://b.example/y",
            // Our own.
            "https://b.example/users/1",
            "instance b.example",
            "b.example",
            &long,
        ];
        for text in table {
            assert_eq!(parse(&house, text).unwrap_err().status(), 400, "{text}");
        }
    }

    #[test]
    fn on_one_machine_addresses_and_plain_http_are_allowed() {
        let house = house("http://127.0.0.1:8080", Reach::Loopback);
        for text in [
            "http://127.0.0.1:8081/users/1",
            "http://localhost:8081/users/1",
            "http://[::1]:8081/users/1",
            "instance 127.0.0.1:8081",
            "127.0.0.1:8081",
            "https://a.example/users/1",
            "a.example",
        ] {
            assert!(parse(&house, text).is_ok(), "{text}");
        }
        for text in [
            "http://a.example/users/1",
            "http://10.0.0.1/users/1",
            "http://127.0.0.1:8080/users/1",
            "instance 127.0.0.1:8080",
            "127.0.0.1:8080",
            "http://127.0.0.1:8081@a.example/users/1",
        ] {
            assert_eq!(parse(&house, text).unwrap_err().status(), 400, "{text}");
        }
    }

    #[test]
    fn what_is_spelled_is_read_again() {
        let house = house("https://b.example", Reach::Net);
        let host = Host::parse("a.example", Reach::Net).unwrap();
        for form in [Form::Uri, Form::Reference] {
            let signer = Signer::Instance(host.clone(), form);
            assert_eq!(parse(&house, &spell_instance(&host, form)).unwrap(), signer);
        }
    }
}

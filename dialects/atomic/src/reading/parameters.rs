//! Parameters: what stands in the query of a URL.

use quintet_core::Error;
use quintet_core::document::Page;
use quintet_core::http::Head;

/// The parameters that collections take (atomic-data.md, section 15.1).
pub(super) const COLLECTION: [&str; 8] =
    ["property", "value", "page_size", "current_page", "sort_by", "sort_desc", "include_nested", "include_external"];

/// How much of a peer's own words an error gives back, in characters.
const QUOTED: usize = 64;

/// Names and values, decoded, in order.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Of what follows the `?`.
    pub(crate) fn parse(query: &str) -> Self {
        let head = Head { query: query.to_owned(), ..Head::default() };
        Self(head.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The last value of this name; empty is absent.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let last = self.0.iter().rev().find(|(key, _)| key == name);
        last.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A URL or base64. Neither holds a space: where there is one, somebody did not escape a plus.
    pub(crate) fn address(&self, name: &str) -> Option<String> {
        self.text(name).map(|value| value.replace(' ', "+"))
    }

    /// A whole number.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Error> {
        let wrong = |_| Error::bad_message(format!("{name} must be a whole number, 0 or more"));
        self.text(name).map(|value| value.parse().map_err(wrong)).transpose()
    }

    /// True or false.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        let wrong = |_| Error::bad_message(format!("{name} must be true or false"));
        self.text(name).map(|value| value.parse().map_err(wrong)).transpose()
    }

    /// Refuses every parameter but these.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), Error> {
        match self.0.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = name.chars().take(QUOTED).collect();
                Err(Error::bad_message(format!("Invalid query param: {name}")))
            }
        }
    }

    /// Which members of a collection are asked for.
    pub(crate) fn page(&self) -> Result<Page, Error> {
        let size = self.number("page_size")?;
        if size == Some(0) {
            return Err(Error::bad_message("page_size must be 1 or more"));
        }
        Ok(Page {
            size,
            number: self.number("current_page")?,
            sort_by: self.address("sort_by"),
            descending: self.flag("sort_desc")?,
            nested: self.flag("include_nested")?,
            external: self.flag("include_external")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_and_the_last_one_counts() {
        let parameters = Parameters::parse("a=1&b=x+y%2F&a=2&c=&public-key=a+b%2Bc%3D");
        assert_eq!(parameters.text("a"), Some("2"));
        assert_eq!(parameters.text("b"), Some("x y/"));
        assert_eq!((parameters.text("c"), parameters.text("d")), (None, None));
        assert_eq!(parameters.address("public-key").as_deref(), Some("a+b+c="));
        assert!(Parameters::parse("").is_empty());
    }

    #[test]
    fn numbers_and_flags_are_checked() {
        for (query, why) in [
            ("page_size=x", "page_size must be a whole number, 0 or more"),
            ("page_size=0", "page_size must be 1 or more"),
            ("current_page=-1", "current_page must be a whole number, 0 or more"),
            ("sort_desc=1", "sort_desc must be true or false"),
            ("include_nested=yes", "include_nested must be true or false"),
        ] {
            assert_eq!(Parameters::parse(query).page().unwrap_err().public(), why, "{query}");
        }
        let page =
            Parameters::parse("page_size=2&current_page=3&sort_by=s&sort_desc=true&include_external=false").page();
        let expected = Page {
            size: Some(2),
            number: Some(3),
            sort_by: Some("s".into()),
            descending: Some(true),
            nested: None,
            external: Some(false),
        };
        assert_eq!(page.unwrap(), expected);
    }

    #[test]
    fn unknown_names_are_told_in_part() {
        let long = "x".repeat(1_000);
        let error = Parameters::parse(&format!("property=p&{long}=1")).only(&COLLECTION).unwrap_err();
        assert_eq!(error.public(), format!("Invalid query param: {}", &long[..QUOTED]));
        assert!(Parameters::parse("property=p&value=v").only(&COLLECTION).is_ok());
    }
}

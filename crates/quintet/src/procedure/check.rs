//! Checks of payloads: everything that is wrong, at once.

use std::ops::RangeBounds;

use quintet_core::Error;
use quintet_core::error::FieldError;

/// A payload that knows what else must be true of it than its types say.
///
/// ```
/// use quintet::{Checks, Validate};
///
/// struct SignUp {
///     username: String,
///     plan: String,
/// }
///
/// impl Validate for SignUp {
///     fn validate(&self, checks: &mut Checks) {
///         checks.is_username("username", &self.username);
///         checks.one_of("plan", &self.plan, &["free", "paid"]);
///     }
/// }
/// ```
pub trait Validate {
    /// Makes the checks. Fields are called by their names in JSON.
    fn validate(&self, checks: &mut Checks);
}

/// Gathers what is wrong.
#[derive(Debug, Default)]
pub struct Checks {
    /// The fields around the one that is checked, each with a dot behind it.
    path: String,
    wrong: Vec<FieldError>,
}

impl Checks {
    /// `BadMessage` with all fields of a payload that are wrong.
    pub fn of(payload: &impl Validate) -> Result<(), Error> {
        let mut checks = Self::default();
        payload.validate(&mut checks);
        if checks.wrong.is_empty() { Ok(()) } else { Err(Error::invalid(checks.wrong)) }
    }

    /// It is there, and not empty: `<field> is required`.
    pub fn required(&mut self, field: &str, value: &(impl Given + ?Sized)) {
        if !value.is_given() {
            self.wrong.push(FieldError::required(&self.at(field)));
        }
    }

    /// It is one of these: `<field> must be one of a,b,c`.
    pub fn one_of(&mut self, field: &str, value: &str, choices: &[&str]) {
        if !choices.contains(&value) {
            self.wrong.push(FieldError::one_of(&self.at(field), choices));
        }
    }

    /// It has so many characters: `<field> failed for length`.
    pub fn length(&mut self, field: &str, value: &str, characters: impl RangeBounds<usize>) {
        self.rule(field, "length", characters.contains(&value.chars().count()));
    }

    /// It lies in there: `<field> failed for range`.
    pub fn range<T: PartialOrd>(&mut self, field: &str, value: &T, range: impl RangeBounds<T>) {
        self.rule(field, "range", range.contains(value));
    }

    /// It has 3 to 20 characters of `A–Z a–z 0–9 _` (flamigo.md, section 4.3): `<field> failed for is-username`.
    pub fn is_username(&mut self, field: &str, value: &str) {
        let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        self.rule(field, "is-username", plain && (3..=20).contains(&value.len()));
    }

    /// A rule of one's own: `<field> failed for <rule>` where it does not hold.
    pub fn rule(&mut self, field: &str, rule: &str, holds: bool) {
        if !holds {
            self.wrong.push(FieldError::failed(&self.at(field), rule));
        }
    }

    /// What is inside of a field: its names stand behind the field's and a dot.
    pub fn inside(&mut self, field: &str, inner: &impl Validate) {
        let outer = self.path.len();
        self.path = format!("{}.", self.at(field));
        inner.validate(self);
        self.path.truncate(outer);
    }

    /// What is inside of each item of a list, by its number from 0.
    pub fn each(&mut self, field: &str, items: &[impl Validate]) {
        for (index, item) in items.iter().enumerate() {
            self.inside(&format!("{field}.{index}"), item);
        }
    }

    fn at(&self, field: &str) -> String {
        format!("{}{field}", self.path)
    }
}

/// Something that may be there or not, for [`Checks::required`].
pub trait Given {
    /// Whether it is there, and not empty.
    fn is_given(&self) -> bool;
}

impl Given for str {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl Given for String {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl<T> Given for [T] {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl<T> Given for Vec<T> {
    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl<T> Given for Option<T> {
    fn is_given(&self) -> bool {
        self.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Order {
        by: &'static str,
        size: &'static str,
        note: Option<String>,
        items: Vec<Item>,
    }

    struct Item(&'static str, u32);

    impl Validate for Order {
        fn validate(&self, checks: &mut Checks) {
            checks.is_username("by", self.by);
            checks.one_of("size", self.size, &["small", "large"]);
            checks.required("note", &self.note);
            checks.required("items", &self.items);
            checks.each("items", &self.items);
            checks.rule("size", "season", self.size != "huge");
        }
    }

    impl Validate for Item {
        fn validate(&self, checks: &mut Checks) {
            checks.required("name", self.0);
            checks.length("name", self.0, ..=3);
            checks.range("count", &self.1, 1..);
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let order =
            Order { by: "a!", size: "huge", note: None, items: vec![Item("pen", 1), Item("", 0), Item("éééé", 2)] };
        let error = Checks::of(&order).unwrap_err();
        let told: Vec<_> = error.fields().iter().map(|wrong| wrong.error.as_str()).collect();
        let expected = [
            "by failed for is-username",
            "size must be one of small,large",
            "note is required",
            "items.1.name is required",
            "items.1.count failed for range",
            "items.2.name failed for length",
            "size failed for season",
        ];
        assert_eq!(told, expected);
        assert_eq!((error.status(), error.public(), error.fields()[3].field.as_str()), (400, told[0], "items.1.name"));
        let good = Order { by: "ann_1", size: "small", note: Some(String::new()), items: vec![Item("éé", 1)] };
        assert!(Checks::of(&good).is_ok());
    }
}

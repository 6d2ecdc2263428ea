//! A payload on the command line: any JSON.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use serde_json::value::RawValue;

/// The JSON that an argument stands for, verbatim: itself, standard input for `-`, `null` where there is none.
pub(crate) fn read(argument: Option<&str>) -> Result<String> {
    let mut text = String::new();
    match argument {
        None => text.push_str("null"),
        Some("-") => {
            std::io::stdin().lock().read_to_string(&mut text).context("cannot read standard input")?;
        }
        Some(json) => text.push_str(json),
    }
    serde_json::from_str::<&RawValue>(&text)
        .context("the payload is no JSON; a text needs quotes of its own, as in '\"hello\"'")?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_any_json() {
        for json in ["null", "1.50", "\"x\"", "[]", r#"{"b":1,"a":2}"#] {
            assert_eq!(read(Some(json)).unwrap(), json);
        }
        assert_eq!(read(None).unwrap(), "null");
        for text in ["", "hello", "{", "1 2"] {
            assert!(read(Some(text)).unwrap_err().to_string().contains("no JSON"), "{text}");
        }
    }
}

//! Messages from operators of other houses to ours: for the log, and for nothing else.

use quintet_core::Error;
use quintet_core::federation::Told;

use super::Asker;

/// As much of a message as the log takes.
const LOGGED_CHARS: usize = 1_024;

impl Asker<'_> {
    /// Writes a message to the log. Anybody may have sent it, so it is bounded by address.
    pub(super) fn operator_message(&self, text: &str) -> Result<Told, Error> {
        if self.hub.rules.rate_limits {
            self.hub.rates.operator_message(self.caller.address, self.hub.now())?;
        }
        let message = logged(text);
        tracing::info!(address = %self.caller.address, message, "somebody wrote to the operator, as the operator of another server");
        Ok(Told::Done)
    }
}

/// A message as it is fit for the log: cut, on one line, and nothing in it that a terminal would obey.
fn logged(text: &str) -> String {
    let mut shown: String = text.chars().take(LOGGED_CHARS).flat_map(char::escape_debug).collect();
    if text.chars().nth(LOGGED_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_and_escaped() {
        assert_eq!(logged("Grüße aus b.example"), "Grüße aus b.example");
        assert_eq!(logged("ok\r\nWARN all is lost\u{1b}[2J\u{202e}"), "ok\\r\\nWARN all is lost\\u{1b}[2J\\u{202e}");
        let whole = "ü".repeat(LOGGED_CHARS);
        assert_eq!(logged(&whole), whole);
        assert_eq!(logged(&format!("{whole}ü")), format!("{whole}…"));
    }
}

//! Depth: how deep JSON is nested that is handed on unread.

use crate::limits::JSON_DEPTH;

/// Whether JSON is nested deeper than [`JSON_DEPTH`], so that whoever reads it may fail or fall over. JSON that is valid is taken for granted.
pub fn is_too_deep(json: &str) -> bool {
    // What is so short cannot close what it opens.
    if json.len() <= 2 * JSON_DEPTH {
        return false;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > JSON_DEPTH {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_bounded_but_not_by_what_is_quoted() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_too_deep(&nested(JSON_DEPTH)) && is_too_deep(&nested(JSON_DEPTH + 1)));
        assert!(is_too_deep(&nested(200_000)), "and no stack is used up");
        assert!(!is_too_deep(&format!(r#"["\"{}"]"#, "[".repeat(400))));
        assert!(!is_too_deep(&format!("[{}0]", "[],".repeat(400))), "beside one another is not within");
    }
}

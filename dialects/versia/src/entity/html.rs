//! HTML of other servers, as plain text. What comes out is only ever text: whoever shows it escapes it.

/// The text of a markup: tags go, blocks and breaks become lines, characters that are spelled become themselves. In time that grows with the length only.
pub(super) fn plain(markup: &str) -> String {
    let mut text = Text::default();
    let mut rest = markup;
    while let Some(at) = rest.find(['<', '&']) {
        text.words(&rest[..at]);
        rest = if rest[at..].starts_with('<') { tag(&mut text, &rest[at..]) } else { spelled(&mut text, &rest[at..]) };
    }
    text.words(rest);
    text.0.truncate(text.0.trim_end().len());
    text.0
}

/// The text so far: white space is one space or line, as in a browser.
#[derive(Default)]
struct Text(String);

impl Text {
    fn words(&mut self, text: &str) {
        text.chars().for_each(|c| self.letter(c));
    }

    fn letter(&mut self, c: char) {
        if !c.is_whitespace() {
            self.0.push(c);
        } else if !self.0.is_empty() && !self.0.ends_with([' ', '\n']) {
            self.0.push(' ');
        }
    }

    /// A new line, and one empty one at the most.
    fn line(&mut self) {
        self.0.truncate(self.0.trim_end_matches(' ').len());
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    fn block(&mut self) {
        self.0.truncate(self.0.trim_end_matches(' ').len());
        if !self.0.ends_with('\n') {
            self.line();
        }
    }
}

/// Reads what begins with `<`; what is behind it.
fn tag<'m>(text: &mut Text, markup: &'m str) -> &'m str {
    if let Some(comment) = markup.strip_prefix("<!--") {
        return comment.find("-->").map_or("", |end| &comment[end + 3..]);
    }
    let inner = &markup[1..];
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        text.letter('<');
        return inner;
    }
    let rest = end_of_tag(inner).map_or("", |end| &inner[end + 1..]);
    let name = inner.trim_start_matches('/');
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    match name.to_ascii_lowercase().as_str() {
        "br" => text.line(),
        "p" | "div" | "li" | "ul" | "ol" | "tr" | "table" | "pre" | "blockquote" | "h1" | "h2" | "h3" | "h4" | "h5"
        | "h6" | "hr" => text.block(),
        raw @ ("script" | "style" | "template" | "title" | "textarea" | "iframe" | "noscript" | "xmp")
            if !inner.starts_with('/') =>
        {
            return behind(rest, raw);
        }
        _ => {}
    }
    rest
}

/// Where a tag ends: `>` within quotes is part of an attribute.
fn end_of_tag(inner: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in inner.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return Some(at),
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

/// What is behind the end of an element that is not shown.
fn behind<'m>(rest: &'m str, name: &str) -> &'m str {
    let is_end = |at: &usize| {
        let tail = &rest.as_bytes()[at + 2..];
        tail.len() >= name.len() && tail[..name.len()].eq_ignore_ascii_case(name.as_bytes())
    };
    let end = rest.match_indices("</").map(|(at, _)| at).find(is_end);
    end.map_or("", |at| rest[at..].find('>').map_or("", |close| &rest[at + close + 1..]))
}

/// Reads what begins with `&`; what is behind it.
fn spelled<'m>(text: &mut Text, markup: &'m str) -> &'m str {
    let name = markup[1..].bytes().take(10).position(|byte| byte == b';').map(|end| &markup[1..=end]);
    let Some((name, letter)) = name.and_then(|name| Some((name, letter_of(name)?))) else {
        text.letter('&');
        return &markup[1..];
    };
    text.letter(letter);
    &markup[name.len() + 2..]
}

fn letter_of(name: &str) -> Option<char> {
    let number = match (name.strip_prefix("#x").or_else(|| name.strip_prefix("#X")), name.strip_prefix('#')) {
        (Some(digits), _) => u32::from_str_radix(digits, 16).ok(),
        (None, Some(digits)) => digits.parse().ok(),
        (None, None) => None,
    };
    if let Some(number) = number {
        return char::from_u32(number).filter(|c| !c.is_control() || c.is_whitespace());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "copy" => '©',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_becomes_text() {
        for (markup, text) in [
            ("", ""),
            ("plain  text\n here", "plain text here"),
            ("<p>one</p><p>two <b>three</b></p>", "one\ntwo three"),
            ("a<br>b<BR/>c", "a\nb\nc"),
            ("a &lt;b&gt; &amp;amp; &#x1F600; &#252; &quot;&apos;&nbsp;x", "a <b> &amp; 😀 ü \"' x"),
            ("AT&T &unknown; & &;", "AT&T &unknown; & &;"),
            ("1 < 2 <3", "1 < 2 <3"),
            ("<a href=\"x>y\" title='>'>link</a>", "link"),
            ("x<script>alert('<p>')</script >y<style>p{}</STYLE>z", "xyz"),
            ("x<script>never ends", "x"),
            ("x<!-- <b>hidden</b> -->y", "xy"),
            ("x<!-- never ends", "x"),
            ("x<b never ends", "x"),
            ("<scr<b>ipt>x", "ipt>x"),
            ("&#0;&#7;&#55296;&#x110000;&#99999999999;", "&#0;&#7;&#55296;&#x110000;&#99999999999;"),
            ("a<br><br><br><br>b", "a\n\nb"),
        ] {
            assert_eq!(plain(markup), text, "{markup}");
        }
    }

    #[test]
    fn long_markup_takes_no_long_time() {
        for part in ["<", "&", "</", "<script>", "<!--", "<b \"", "&#", "<p>"] {
            assert!(plain(&part.repeat(60_000)).len() <= 120_000);
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(markup in "([<>&;#/\"'ü]|script|--|\\PC){0,60}") {
            plain(&markup);
        }
    }
}

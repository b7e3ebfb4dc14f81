use super::Failure;
use std::fmt::{self, Display, Write};

/// A JSON value: small and strict (RFC 8259). Replace it with your favourite crate when you like.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

#[allow(dead_code)]
impl Json {
    const MAX_DEPTH: usize = 64;

    /// Exactly one value, or what is wrong and where.
    pub fn parse(bytes: &[u8]) -> Result<Json, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8 at byte {}", error.valid_up_to()))?;
        let mut reader = Reader { text, position: 0 };
        let value = reader.value(Self::MAX_DEPTH)?;
        if reader.position < text.len() {
            return Err(reader.error("there is more behind the value"));
        }
        Ok(value)
    }

    pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
        Json::Object(members.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
    }

    /// The member of an object, the last one when there are several.
    pub fn get(&self, name: &str) -> Option<&Json> {
        let Json::Object(members) = self else { return None };
        members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// An obligatory text among the members.
    pub fn text(&self, name: &str) -> Result<&str, Failure> {
        match self.get(name) {
            Some(Json::Text(text)) => Ok(text),
            None | Some(Json::Null) => Err(Failure::params(format!("\"{name}\" is missing: a text"))),
            Some(other) => Err(Failure::params(format!("\"{name}\" is {other}, but must be a text"))),
        }
    }

    /// A whole number among the members, `otherwise` when it is missing.
    pub fn integer(&self, name: &str, otherwise: i64) -> Result<i64, Failure> {
        match self.get(name) {
            Some(Json::Integer(number)) => Ok(*number),
            None | Some(Json::Null) => Ok(otherwise),
            Some(other) => Err(Failure::params(format!("\"{name}\" is {other}, but must be a whole number"))),
        }
    }
}

impl From<String> for Json {
    fn from(text: String) -> Json {
        Json::Text(text)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Json {
        Json::Integer(number)
    }
}

impl Display for Json {
    /// JSON text. Numbers that JSON cannot say become null.
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Json::Null => out.write_str("null"),
            Json::Bool(truth) => write!(out, "{truth}"),
            Json::Integer(number) => write!(out, "{number}"),
            Json::Number(number) if number.is_finite() => write!(out, "{number:?}"),
            Json::Number(_) => out.write_str("null"),
            Json::Text(text) => quote(text, out),
            Json::Array(elements) => {
                list(elements, out, ('[', ']'), |element, out| write!(out, "{element}"))
            }
            Json::Object(members) => list(members, out, ('{', '}'), |(name, value), out| {
                quote(name, out)?;
                write!(out, ":{value}")
            }),
        }
    }
}

fn list<T>(
    items: &[T],
    out: &mut fmt::Formatter,
    (open, close): (char, char),
    mut write: impl FnMut(&T, &mut fmt::Formatter) -> fmt::Result,
) -> fmt::Result {
    out.write_char(open)?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write(item, out)?;
    }
    out.write_char(close)
}

fn quote(text: &str, out: &mut fmt::Formatter) -> fmt::Result {
    out.write_char('"')?;
    for scalar in text.chars() {
        match scalar {
            '"' | '\\' => write!(out, "\\{scalar}")?,
            '\n' => out.write_str("\\n")?,
            '\0'..='\x1f' => write!(out, "\\u{:04x}", scalar as u32)?,
            _ => out.write_char(scalar)?,
        }
    }
    out.write_char('"')
}

/// Reads JSON text from left to right, once.
struct Reader<'text> {
    text: &'text str,
    position: usize,
}

impl Reader<'_> {
    fn error(&self, reason: &str) -> String {
        format!("{reason} at byte {}", self.position)
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = self.text[self.position..].starts_with(wanted);
        self.position += if found { wanted.len() } else { 0 };
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), String> {
        if self.take(wanted) { Ok(()) } else { Err(self.error(&format!("'{wanted}' is missing"))) }
    }

    fn skip_space(&mut self) {
        while matches!(self.next(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    /// A value with the space around it.
    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth == 0 {
            return Err(self.error("nested too deeply"));
        }
        self.skip_space();
        let value = match self.next() {
            Some(b'{') => Json::Object(self.series("{", "}", |reader| {
                reader.skip_space();
                let name = reader.string()?;
                reader.skip_space();
                reader.expect(":")?;
                Ok((name, reader.value(depth - 1)?))
            })?),
            Some(b'[') => Json::Array(self.series("[", "]", |reader| reader.value(depth - 1))?),
            Some(b'"') => Json::Text(self.string()?),
            Some(_) if self.take("null") => Json::Null,
            Some(_) if self.take("true") => Json::Bool(true),
            Some(_) if self.take("false") => Json::Bool(false),
            Some(_) => self.number()?,
            None => return Err(self.error("a value is missing")),
        };
        self.skip_space();
        Ok(value)
    }

    fn series<T>(
        &mut self,
        open: &str,
        close: &str,
        item: impl Fn(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.expect(open)?;
        self.skip_space();
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if !self.take(",") {
                break;
            }
        }
        self.expect(close)?;
        Ok(items)
    }

    fn string(&mut self) -> Result<String, String> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            let Some(scalar) = self.text[self.position..].chars().next() else {
                return Err(self.error("a text without its end"));
            };
            match scalar {
                '\0'..='\x1f' => return Err(self.error("a control character in a text")),
                _ => self.position += scalar.len_utf8(),
            }
            match scalar {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                _ => text.push(scalar),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let kind = self.next();
        self.position += kind.map_or(0, |_| 1);
        Ok(match kind {
            Some(kind @ (b'"' | b'\\' | b'/')) => kind as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.scalar(),
            _ => return Err(self.error("an unknown escape")),
        })
    }

    /// What stands behind "\u", with the second half of a surrogate pair.
    fn scalar(&mut self) -> Result<char, String> {
        let mut code = self.unit()?;
        if (0xd800..0xdc00).contains(&code) && self.take("\\u") {
            let low = self.unit()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(self.error("half a surrogate pair"));
            }
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        char::from_u32(code).ok_or_else(|| self.error("half a surrogate pair"))
    }

    fn unit(&mut self) -> Result<u32, String> {
        let digits = self.text.get(self.position..self.position + 4).filter(|it| it.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|it| u32::from_str_radix(it, 16).ok()).ok_or_else(|| self.error("four hexadecimal digits are missing"))?;
        self.position += 4;
        Ok(unit)
    }

    fn digits(&mut self) -> Result<(), String> {
        let start = self.position;
        while matches!(self.next(), Some(b'0'..=b'9')) {
            self.position += 1;
        }
        if self.position > start { Ok(()) } else { Err(self.error("this is no value")) }
    }

    fn number(&mut self) -> Result<Json, String> {
        let start = self.position;
        let mut is_whole = true;
        self.take("-");
        if !self.take("0") {
            self.digits()?;
        }
        if self.take(".") {
            is_whole = false;
            self.digits()?;
        }
        if self.take("e") || self.take("E") {
            is_whole = false;
            if !self.take("+") {
                self.take("-");
            }
            self.digits()?;
        }
        let text = &self.text[start..self.position];
        if let (true, Ok(number)) = (is_whole, text.parse()) {
            return Ok(Json::Integer(number));
        }
        let number: f64 = text.parse().map_err(|_| self.error("this is no number"))?;
        if number.is_finite() { Ok(Json::Number(number)) } else { Err(self.error("a number out of range")) }
    }
}

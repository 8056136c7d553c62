//! Addresses of e-mail that a header and a command of SMTP can hold as they are.

use std::fmt;
use std::str::FromStr;

use lettre::message::Mailbox;

/// An address without a name, `ann@example.com`. Its domain is in ASCII: `bücher.example` is
/// `xn--bcher-kva.example`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(lettre::Address);

/// A text that is no address, or one that many servers would not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address is written as name@example.com, in at most 254 characters")]
pub struct InvalidAddress;

/// The most characters of an address (RFC 5321, erratum 1690).
const MAX_LENGTH: usize = 254;

impl Address {
    /// From a text, without the space around it. The part before the `@` has to be ASCII, without
    /// quotes, spaces and control characters, which not every server would take.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let text = text.trim();
        if text.chars().count() > MAX_LENGTH {
            return Err(InvalidAddress);
        }
        let (name, domain) = text.rsplit_once('@').ok_or(InvalidAddress)?;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"(),:;<>@[\\]".contains(&byte);
        if !name.bytes().all(is_plain) {
            return Err(InvalidAddress);
        }
        let domain = idna::domain_to_ascii(domain).map_err(|_| InvalidAddress)?;
        let address = lettre::Address::new(name, domain).map_err(|_| InvalidAddress)?;
        let text: &str = address.as_ref();
        if text.len() > MAX_LENGTH || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidAddress);
        }
        // A message is made by reading its headers back, in which `a@[127.0.0.1]` cannot be read.
        if text.parse::<Mailbox>().is_err() {
            return Err(InvalidAddress);
        }
        Ok(Self(address))
    }

    /// `webmaster@localhost`, whom Django's letters are from unless it is told otherwise.
    pub fn webmaster() -> Self {
        Self(lettre::Address::new_dangerous("webmaster", "localhost"))
    }

    /// As it stands in a header.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    /// The part after the `@`.
    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    pub(crate) fn as_lettre(&self) -> &lettre::Address {
        &self.0
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        Self::parse(text)
    }
}

/// Whose address it is stays out of logs and reports.
impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Address(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_every_server_takes() {
        for (text, expected) in [
            ("ann@example.com", "ann@example.com"),
            (
                " Ann.O'Neil+home@Example.com\n",
                "Ann.O'Neil+home@example.com",
            ),
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@localhost", "ann@localhost"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.as_str(), expected);
        }
        for text in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "a b@example.com",
            "zoë@example.com",
            "\"a b\"@example.com",
            "<ann@example.com>",
            "ann@example.com, bob@example.com",
            "ann@example.com\r\nBcc: bob@example.com",
            "ann\0@example.com",
            "ann@exa mple.com",
            "ann@example.com>",
            "ann@[127.0.0.1]",
            "ann@[IPv6:2001:db8::1]",
            &format!("{}@example.com", "a".repeat(255)),
        ] {
            assert_eq!(Address::parse(text), Err(InvalidAddress), "{text:?}");
        }
    }

    #[test]
    fn an_address_is_not_told_by_debug() {
        let address = Address::parse("ann@example.com").unwrap();
        assert_eq!(format!("{address:?}"), "Address(…)");
    }
}

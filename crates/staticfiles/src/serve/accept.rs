//! `Accept-Encoding`: the encodings that a client accepts, and their weights (RFC 9110, 12.5.3).
//! Knows nothing of files.

use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

use crate::compress::Encoding;

/// The weight of `q=1`: weights have three digits at most (RFC 9110, 12.4.2).
const FULL_WEIGHT: u16 = 1_000;

/// The name of an encoding in `Content-Encoding`.
pub(super) const fn token(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Brotli => "br",
        Encoding::Gzip => "gzip",
        Encoding::Zstd => "zstd",
    }
}

/// The weights of what a client accepts. `None` is a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Preferences {
    /// The weight of the content without encoding. It is 0 if the header does not mention it: it is
    /// then acceptable, but everything that is named goes before it.
    identity: Option<u16>,
    brotli: Option<u16>,
    zstd: Option<u16>,
    gzip: Option<u16>,
}

/// The weights in the members of the header.
#[derive(Debug, Default)]
struct MemberWeights {
    members: usize,
    any: Option<u16>,
    identity: Option<u16>,
    brotli: Option<u16>,
    zstd: Option<u16>,
    gzip: Option<u16>,
}

impl Preferences {
    /// The preferences of a client without the header. It would have to accept any encoding, but it
    /// may not be able to decode one (row WN-H3).
    const NO_HEADER: Self = Self {
        identity: Some(0),
        brotli: None,
        zstd: None,
        gzip: None,
    };

    /// Reads all lines of the request's `Accept-Encoding`.
    pub(super) fn read(headers: &HeaderMap) -> Self {
        let mut listed = MemberWeights::default();
        for line in headers.get_all(ACCEPT_ENCODING) {
            for member in line.as_bytes().split(|byte| *byte == b',') {
                listed.add(member.trim_ascii());
            }
        }
        listed.preferences()
    }

    /// Whether the content may be sent without encoding.
    pub(super) fn accepts_identity(self) -> bool {
        self.identity.is_some()
    }

    /// The weight of an encoding, or of the content without one; `None` if the client refuses it.
    pub(super) fn weight(self, encoding: Option<Encoding>) -> Option<u16> {
        match encoding {
            None => self.identity,
            Some(Encoding::Brotli) => self.brotli,
            Some(Encoding::Gzip) => self.gzip,
            Some(Encoding::Zstd) => self.zstd,
        }
    }
}

impl MemberWeights {
    fn add(&mut self, member: &[u8]) {
        if member.is_empty() {
            return;
        }
        self.members += 1;
        let mut parts = member.split(|byte| *byte == b';');
        let token = parts.next().unwrap_or_default().trim_ascii_end();
        // A member whose weight is malformed is ignored: to send the plain content is never wrong,
        // to guess may be.
        let Some(weight) = weight(parts) else {
            return;
        };
        let slot = match token {
            b"*" => &mut self.any,
            _ if token.eq_ignore_ascii_case(b"br") => &mut self.brotli,
            _ if token.eq_ignore_ascii_case(b"zstd") => &mut self.zstd,
            _ if token.eq_ignore_ascii_case(b"gzip") => &mut self.gzip,
            // The same coding under its old name (RFC 9110, 8.4.1.3).
            _ if token.eq_ignore_ascii_case(b"x-gzip") => &mut self.gzip,
            _ if token.eq_ignore_ascii_case(b"identity") => &mut self.identity,
            _ => return,
        };
        // If a coding is listed twice the lower weight counts, so that a refusal stands.
        *slot = Some(slot.map_or(weight, |earlier| earlier.min(weight)));
    }

    fn preferences(self) -> Preferences {
        // `*` alone comes from clients that do not look into what they get. Nothing is compressed
        // for them, as in WhiteNoise (row WN-H3).
        if self.members == 1 && self.any.is_some_and(|weight| weight > 0) {
            return Preferences::NO_HEADER;
        }
        let any = self.any;
        let taken = |listed: Option<u16>| listed.or(any).filter(|weight| *weight > 0);
        let identity = match self.identity.or(any) {
            None => Some(0),
            Some(weight) => Some(weight).filter(|weight| *weight > 0),
        };
        Preferences {
            identity,
            brotli: taken(self.brotli),
            zstd: taken(self.zstd),
            gzip: taken(self.gzip),
        }
    }
}

/// The weight among a member's parameters, in thousandths: 1000 if it is missing, `None` if it is
/// malformed.
fn weight<'a>(parameters: impl Iterator<Item = &'a [u8]>) -> Option<u16> {
    for parameter in parameters {
        if let [b'q' | b'Q', b'=', value @ ..] = parameter.trim_ascii() {
            return quality(value);
        }
    }
    Some(FULL_WEIGHT)
}

/// Parses a weight by RFC 9110, 12.4.2: `0` or `1`, then at most three digits, after `1` zeros
/// only.
fn quality(value: &[u8]) -> Option<u16> {
    let (whole, digits) = match value {
        [whole @ (b'0' | b'1')] => (whole, &[][..]),
        [whole @ (b'0' | b'1'), b'.', digits @ ..] if digits.len() <= 3 => (whole, digits),
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut thousandths = 0;
    for place in 0..3 {
        let digit = digits.get(place).map_or(0, |digit| u16::from(digit - b'0'));
        thousandths = thousandths * 10 + digit;
    }
    if *whole == b'0' {
        return Some(thousandths);
    }
    (thousandths == 0).then_some(FULL_WEIGHT)
}

#[cfg(test)]
mod tests;

//! `Range`: the bytes of a content that a request asks for (RFC 9110, 14.1 and 14.2). Knows nothing
//! of files.

/// The meaning of a `Range` header for a content of a known length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteRange {
    /// The whole content: the header is malformed, or of a kind that is not served (row WN-H10).
    Whole,
    /// The bytes from the first to the last, both included.
    Part {
        /// The first byte.
        first: u64,
        /// The last byte, below the length.
        last: u64,
    },
    /// Bytes that the content does not have.
    Unsatisfiable,
}

/// Reads the value of a `Range` header.
///
/// One range is served. Several are answered with the whole content, which RFC 9110, 14.2, allows
/// for any range: no browser asks for several, and they have been used for attacks.
pub(super) fn parse(value: &[u8], length_bytes: u64) -> ByteRange {
    // Units are compared without case (RFC 9110, 14.1).
    let Some((unit, [b'=', set @ ..])) = value.split_at_checked(b"bytes".len()) else {
        return ByteRange::Whole;
    };
    if !unit.eq_ignore_ascii_case(b"bytes") {
        return ByteRange::Whole;
    }
    let mut ranges = set
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|range| !range.is_empty());
    let (Some(range), None) = (ranges.next(), ranges.next()) else {
        return ByteRange::Whole;
    };
    single(range, length_bytes).unwrap_or(ByteRange::Whole)
}

/// Parses one range; `None` if it is malformed.
fn single(range: &[u8], length_bytes: u64) -> Option<ByteRange> {
    let dash = range.iter().position(|byte| *byte == b'-')?;
    let (first, last) = (&range[..dash], &range[dash + 1..]);
    if first.is_empty() {
        return Some(suffix(number(last)?, length_bytes));
    }
    let first = number(first)?;
    let last = if last.is_empty() {
        u64::MAX
    } else {
        number(last)?
    };
    // A range that runs backwards may be ignored or refused (RFC 9110, 14.2); WhiteNoise and
    // nginx refuse it (row WN-H11).
    if first > last || first >= length_bytes {
        return Some(ByteRange::Unsatisfiable);
    }
    let last = last.min(length_bytes - 1);
    Some(ByteRange::Part { first, last })
}

/// The last `count` bytes, or the whole content if it is shorter.
fn suffix(count: u64, length_bytes: u64) -> ByteRange {
    match (count, length_bytes) {
        (0, _) => ByteRange::Unsatisfiable,
        // A suffix of an empty content is satisfiable, but `Content-Range` cannot express it.
        (_, 0) => ByteRange::Whole,
        _ => ByteRange::Part {
            first: length_bytes.saturating_sub(count),
            last: length_bytes - 1,
        },
    }
}

/// Parses a number of any length. One that is too large saturates, which is beyond any content.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |number: u64, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    }))
}

#[cfg(test)]
mod tests;

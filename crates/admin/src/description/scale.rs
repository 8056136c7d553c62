//! Numbers that are stored in another unit than they are typed and shown in.

use crate::description::field::Unit;

/// How many of a column's ones make one of what is typed, and how many decimal places that may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scale {
    per_one: i64,
    places: u32,
    /// Whether all places are shown of a number that is not whole, as for money.
    is_money: bool,
}

/// Why a text is no number of a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScaleError {
    /// It is no number.
    Number,
    /// It has more than so many decimal places.
    Places(u32),
    /// It is no multiple of a half.
    Half,
}

impl Scale {
    /// The scale of a unit; `digits` is how many decimal places the currency has.
    pub(crate) const fn of(unit: Unit, digits: u32) -> Self {
        let (places, is_money) = match unit {
            Unit::One => (0, false),
            Unit::Half => (1, false),
            Unit::Decimal(places) => (places, false),
            Unit::Currency => (digits, true),
        };
        let per_one = match unit {
            Unit::Half => 2,
            _ => 10_i64.pow(places),
        };
        Self {
            per_one,
            places,
            is_money,
        }
    }

    /// Whether only whole numbers may be typed.
    pub(crate) const fn is_whole(self) -> bool {
        self.places == 0
    }

    /// The number that a column holds, as it is typed.
    pub(crate) fn text(self, stored: i64) -> String {
        let sign = if stored < 0 { "-" } else { "" };
        let (per_one, places) = (self.per_one.unsigned_abs(), self.places as usize);
        let (whole, part) = (
            stored.unsigned_abs() / per_one,
            stored.unsigned_abs() % per_one,
        );
        if part == 0 {
            return format!("{sign}{whole}");
        }
        let part = part * 10_u64.pow(self.places) / per_one;
        let digits = format!("{part:0places$}");
        let digits = if self.is_money {
            digits.as_str()
        } else {
            digits.trim_end_matches('0')
        };
        format!("{sign}{whole}.{digits}")
    }

    /// The number for a column, from what was typed: with a point or a comma before its decimal
    /// places. A number too large for 64 bits becomes the largest.
    pub(crate) fn parse(self, typed: &str) -> Result<i64, ScaleError> {
        let typed = typed.trim();
        let (sign, bare) = match typed.strip_prefix('-') {
            Some(bare) => (-1, bare),
            None => (1, typed.strip_prefix('+').unwrap_or(typed)),
        };
        let (whole, part) = bare.split_once(['.', ',']).unwrap_or((bare, ""));
        let part = part.trim_end_matches('0');
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(part) {
            return Err(ScaleError::Number);
        }
        let places = self.places as usize;
        if part.len() > places {
            return Err(match self.per_one {
                2 => ScaleError::Half,
                _ => ScaleError::Places(self.places),
            });
        }
        let typed = i128::from(whole.parse::<i64>().unwrap_or(i64::MAX)) * 10_i128.pow(self.places)
            + format!("{part:0<places$}").parse().unwrap_or(0);
        let scaled = typed * i128::from(self.per_one);
        let per_typed = 10_i128.pow(self.places);
        if scaled % per_typed != 0 {
            return Err(ScaleError::Half);
        }
        Ok(i64::try_from(scaled / per_typed).map_or(sign * i64::MAX, |number| sign * number))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UNITS: [Unit; 4] = [Unit::One, Unit::Half, Unit::Decimal(5), Unit::Currency];

    #[test]
    fn numbers_are_read_in_their_units() {
        for (unit, typed, expected) in [
            (Unit::One, "7", Ok(7)),
            (Unit::One, "7.0", Ok(7)),
            (Unit::One, "7.5", Err(ScaleError::Places(0))),
            (Unit::Half, "1.5", Ok(3)),
            (Unit::Half, "2", Ok(4)),
            (Unit::Half, "1,50", Ok(3)),
            (Unit::Half, "1.3", Err(ScaleError::Half)),
            (Unit::Half, "1.55", Err(ScaleError::Half)),
            (Unit::Decimal(5), "-117.91877", Ok(-11_791_877)),
            (Unit::Decimal(5), "33,6", Ok(3_360_000)),
            (Unit::Decimal(5), "33.123456", Err(ScaleError::Places(5))),
            (Unit::Currency, "125", Ok(12_500)),
            (Unit::Currency, "+125,5", Ok(12_550)),
            (Unit::Currency, "0.01", Ok(1)),
            (Unit::Currency, "", Err(ScaleError::Number)),
            (Unit::Currency, ".5", Err(ScaleError::Number)),
            (Unit::Currency, "1e3", Err(ScaleError::Number)),
            (Unit::Currency, "1,000.00", Err(ScaleError::Number)),
            (Unit::Currency, "--1", Err(ScaleError::Number)),
            (Unit::Currency, "99999999999999999999", Ok(i64::MAX)),
            (Unit::Currency, "-99999999999999999999", Ok(-i64::MAX)),
        ] {
            assert_eq!(
                Scale::of(unit, 2).parse(typed),
                expected,
                "{unit:?} {typed}"
            );
        }
    }

    #[test]
    fn money_has_all_its_places_or_none() {
        for (digits, stored, expected) in [
            (2, 12_500, "125"),
            (2, 12_550, "125.50"),
            (2, 5, "0.05"),
            (0, 12_500, "12500"),
            (3, 12_500, "12.500"),
        ] {
            assert_eq!(Scale::of(Unit::Currency, digits).text(stored), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(unit in prop::sample::select(&UNITS[..]), number in -1_000_000_000_000_i64..1_000_000_000_000) {
            let scale = Scale::of(unit, 2);
            prop_assert_eq!(scale.parse(&scale.text(number)), Ok(number));
        }

        #[test]
        fn no_text_breaks_it(unit in prop::sample::select(&UNITS[..]), typed in "\\PC{0,20}") {
            let _ = Scale::of(unit, 2).parse(&typed);
        }
    }
}

//! Money: the currencies of ISO 4217, and how an amount is written in each language.

use std::fmt;

use fluent_templates::LanguageIdentifier;

/// A currency that prices may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Currency {
    code: &'static str,
}

/// The codes of currencies in use, by ISO 4217; none for funds, metals and tests.
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP \
    BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL \
    GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW \
    KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN \
    NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK \
    SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS \
    VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// The signs that readers of each language know, English and then French. All others have their code.
const SIGNS: &[(&str, &str, &str)] = &[
    ("USD", "$", "$"),
    ("EUR", "€", "€"),
    ("GBP", "£", "£"),
    ("JPY", "¥", "¥"),
    ("CAD", "CA$", "$\u{a0}CA"),
    ("AUD", "A$", "$\u{a0}AU"),
    ("NZD", "NZ$", "$\u{a0}NZ"),
    ("MXN", "MX$", "$\u{a0}MX"),
    ("BRL", "R$", "R$"),
    ("INR", "₹", "₹"),
    ("KRW", "₩", "₩"),
    ("ILS", "₪", "₪"),
];

impl Currency {
    /// The dollar of the United States.
    pub const DOLLAR: Self = Self { code: "USD" };

    /// The currency of a code of ISO 4217, in any case; `None` if none in use has it.
    pub fn parse(code: &str) -> Option<Self> {
        let mut codes = CODES.split(' ');
        let known = codes.find(|known| known.eq_ignore_ascii_case(code));
        known.map(|code| Self { code })
    }

    /// Its code: `USD`.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// How many digits its smallest unit has behind the point, by ISO 4217.
    pub fn digits(self) -> u32 {
        match self.code {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF"
            | "UGX" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        }
    }

    /// How many of its smallest units make a whole one.
    pub fn unit(self) -> i64 {
        10_i64.pow(self.digits())
    }

    /// An amount of the smallest unit as a language writes it: `$1,250`, `1 250,50 $`. What is whole has
    /// no digits behind the point.
    pub fn written(self, amount: i64, language: &LanguageIdentifier) -> String {
        let is_french = language.language.as_str() == "fr";
        let signs = if is_french {
            ('\u{202f}', ',')
        } else {
            (',', '.')
        };
        let number = self.number(amount.unsigned_abs(), signs);
        let minus = if amount < 0 { "\u{2212}" } else { "" };
        let signs = SIGNS.iter().find(|(code, ..)| *code == self.code);
        match signs {
            Some((_, _, sign)) if is_french => format!("{minus}{number}\u{a0}{sign}"),
            None if is_french => format!("{minus}{number}\u{a0}{}", self.code),
            Some((_, sign, _)) => format!("{minus}{sign}{number}"),
            None => format!("{minus}{}\u{a0}{number}", self.code),
        }
    }

    /// An amount as machines read it: `1250.50`.
    pub fn decimal(self, amount: i64) -> String {
        let (whole, rest) = self.split(amount.unsigned_abs());
        let minus = if amount < 0 { "-" } else { "" };
        if self.digits() == 0 {
            return format!("{minus}{whole}");
        }
        format!(
            "{minus}{whole}.{rest:0>width$}",
            width = self.digits() as usize
        )
    }

    fn split(self, amount: u64) -> (u64, u64) {
        let unit = (0..self.digits()).fold(1, |unit, _| unit * 10);
        (amount / unit, amount % unit)
    }

    /// A number, with a sign between thousands and one before the digits of the smallest unit.
    fn number(self, amount: u64, (group, point): (char, char)) -> String {
        let (whole, rest) = self.split(amount);
        let digits = whole.to_string();
        let mut number = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                number.push(group);
            }
            number.push(digit);
        }
        if rest > 0 {
            number.push(point);
            number += &format!("{rest:0>width$}", width = self.digits() as usize);
        }
        number
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code)
    }
}

#[cfg(test)]
mod tests {
    use fluent_templates::langid;

    use super::*;

    #[test]
    fn an_amount_is_written_as_its_currency_and_the_language_ask() {
        for (code, amount, english, french) in [
            ("USD", 0, "$0", "0 $"),
            ("USD", 12_500, "$125", "125 $"),
            ("USD", 12_505, "$125.05", "125,05 $"),
            ("USD", 5, "$0.05", "0,05 $"),
            ("USD", -1_250, "−$12.50", "−12,50 $"),
            ("USD", 123_456_700, "$1,234,567", "1_234_567 $"),
            ("EUR", 100_000, "€1,000", "1_000 €"),
            ("GBP", 99_999, "£999.99", "999,99 £"),
            ("CAD", 100, "CA$1", "1 $ CA"),
            ("CHF", 150_050, "CHF 1,500.50", "1_500,50 CHF"),
            ("JPY", 12_500, "¥12,500", "12_500 ¥"),
            ("KWD", 12_500, "KWD 12.500", "12,500 KWD"),
            ("KWD", 12_000, "KWD 12", "12 KWD"),
        ] {
            let currency = Currency::parse(code).unwrap();
            // Here a space does not break the line, and a low line is the narrow space of thousands.
            let plain = |text: &str| text.replace(' ', "\u{a0}").replace('_', "\u{202f}");
            let written = |language| currency.written(amount, &language);
            assert_eq!(written(langid!("en")), plain(english));
            assert_eq!(written(langid!("fr")), plain(french));
        }
        let most = Currency::DOLLAR.written(i64::MIN, &langid!("en"));
        assert_eq!(most, "−$92,233,720,368,547,758.08");
    }

    #[test]
    fn machines_read_all_digits() {
        for (code, amount, expected) in [
            ("USD", 12_500, "125.00"),
            ("USD", -5, "-0.05"),
            ("JPY", 125, "125"),
            ("KWD", 1, "0.001"),
        ] {
            assert_eq!(Currency::parse(code).unwrap().decimal(amount), expected);
        }
    }

    #[test]
    fn only_currencies_in_use_have_a_code() {
        for code in CODES.split(' ') {
            assert!(code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
        }
        assert_eq!(Currency::parse("eur").map(Currency::code), Some("EUR"));
        for wrong in ["", " ", "US", "USDD", "FRF", "XXX", "USD EUR", "€"] {
            assert_eq!(Currency::parse(wrong), None, "{wrong}");
        }
    }
}

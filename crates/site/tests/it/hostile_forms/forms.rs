//! Enquiries that nobody should send, at random but the same of one seed.

use chrono::{Days, NaiveDate};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

/// A mailbox that only an injected header or address names.
pub(super) const INJECTED: &str = "injected@evil.example";

/// What makes the forms.
pub(super) struct Forms {
    pub(super) seed: u64,
    /// The time of the form, signed.
    pub(super) stamp: String,
    pub(super) today: NaiveDate,
}

/// The fields that a browser sends, and others that a stranger may hope for.
const NAMES: &[&str] = &[
    "name",
    "email",
    "telephone",
    "from",
    "to",
    "adults",
    "children",
    "pets",
    "message",
    "stamp",
    "website",
    "action",
    "number",
    "state",
    "id",
    "letting_id",
    "digest",
    "stay_id",
    "language",
    "name[]",
    "name\0",
    "csrfmiddlewaretoken",
    "",
    "__proto__",
    "from_",
    "NAME",
];

/// What becomes a header, or ends one, where nobody looks.
const INJECTIONS: &[&str] = &[
    "\r\nBcc: injected@evil.example",
    "\nBcc: injected@evil.example",
    "\rBcc: injected@evil.example",
    "\u{85}Bcc: injected@evil.example",
    "\u{2028}Bcc: injected@evil.example",
    "%0d%0aBcc: injected@evil.example",
    "%250d%250aBcc: injected@evil.example",
    "\r\n\r\n<h1>injected@evil.example</h1>",
    "\r\n.\r\nMAIL FROM:<injected@evil.example>\r\n",
    "=?utf-8?q?=0D=0ABcc:_injected=40evil.example?=",
    "=?utf-8?b?DQpCY2M6IGluamVjdGVkQGV2aWwuZXhhbXBsZQ==?=",
    ",injected@evil.example",
    ", injected@evil.example",
    ";injected@evil.example",
    " <injected@evil.example>",
    "\0injected@evil.example",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}{% include \"x\" %}{ $name }",
    "'; DROP TABLE oc_lettings_enquiry; --",
];

/// Addresses that are none, or odd.
const ADDRESSES: &[&str] = &[
    "injected@evil.example,ann@example.com",
    "\"a\\\r\nBcc: injected@evil.example\"@example.com",
    "\"a b\"@example.com",
    "a@[127.0.0.1]",
    "a@localhost",
    "@example.com",
    "ann@",
    "ann@@example.com",
    "ann@example.com.",
    "ann@-example.com",
    "ann(injected@evil.example)@example.com",
    "<ann@example.com>",
    "Ann <ann@example.com>",
    "ann@ex\u{430}mple.com",
    "\u{202e}ann@example.com",
    "ann\u{200b}@example.com",
    "zo\u{eb}@example.com",
    "ann+tag@example.com",
    "ann%injected@evil.example@example.com",
];

const DATES: &[&str] = &[
    "",
    "2027-02-30",
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "-2027-01-01",
    "+12027-01-01",
    "2027-1-1",
    "2027-W01-1",
    "2027/07/01",
    "01.07.2027",
    "today",
    "1e9",
    "2027-07-01T00:00",
    "2027-07-01\0",
    "２０２７-０７-０１",
    "٢٠٢٧-٠٧-٠١",
    " 2027-07-01",
    "2027-07-01 OR 1=1",
    "2262-04-12",
    "262143-12-31",
];

const NUMBERS: &[&str] = &[
    "",
    "-1",
    "-0",
    "+2",
    " 2 ",
    "02",
    "1e3",
    "0x10",
    "1.5",
    "1,5",
    "NaN",
    "inf",
    "٣",
    "２",
    "²",
    "51",
    "255",
    "256",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999999999",
    "2\0",
];

/// Bytes that are no UTF-8: alone, overlong, half of a pair, beyond the last character, cut off.
const BAD_BYTES: &[&[u8]] = &[
    b"\xff\xfe",
    b"\x80",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x82",
    b"\xf8\x88\x80\x80\x80",
];

const BROKEN_ESCAPES: &[&str] = &[
    "%", "%4", "%zz", "%%", "%-1", "%u0041", "%\u{e9}", "&&&", "=", ";", "+", "#",
];

const CONTENT_TYPES: &[&str] = &[
    "",
    "text/plain",
    "application/json",
    "text/html",
    "application/octet-stream",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "application/x-www-form-urlencoded-not",
    "application/x-www-form-urlencoded; charset=utf-16",
    "APPLICATION/X-WWW-FORM-URLENCODED",
    "/",
    "\u{e9}",
    "application/x-www-form-urlencoded, text/plain",
];

/// Names and values as bytes, which need not be text.
type Fields = Vec<(Vec<u8>, Vec<u8>)>;

impl Forms {
    /// The request with this number.
    pub(super) fn request(&self, number: u64) -> Vec<u8> {
        let mut random = StdRng::seed_from_u64(self.seed ^ number.rotate_left(32));
        let mut fields = self.good_fields(number);
        for _ in 0..random.random_range(1..=3) {
            spoil(&mut random, &mut fields);
        }
        let (content_type, body) = written(&mut random, &fields);
        // Each comes from an address of its own: one may ask five times an hour.
        let [_, _, a, b] = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
        let language = if random.random() { "fr" } else { "en" };
        let mut request = format!(
            "POST /lettings/1/enquiry/ HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n\
             Sec-Fetch-Site: same-origin\r\nX-Forwarded-For: 10.1.{a}.{b}\r\nAccept-Language: {language}\r\n\
             Content-Length: {}\r\n",
            body.len()
        )
        .into_bytes();
        if !content_type.is_empty() {
            request.extend(format!("Content-Type: {content_type}\r\n").bytes());
        }
        request.extend(b"Connection: close\r\n\r\n");
        request.extend(body);
        request
    }

    /// A form that would be taken.
    fn good_fields(&self, number: u64) -> Fields {
        let day = |days| (self.today + Days::new(days)).to_string();
        let fields = [
            ("name", format!("Guest {number}")),
            ("email", format!("guest{number}@example.com")),
            ("telephone", "+33 1 23 45 67 89".to_owned()),
            ("from", day(40)),
            ("to", day(50)),
            ("adults", "2".to_owned()),
            ("children", "1".to_owned()),
            ("pets", "0".to_owned()),
            ("message", "Is the bay far?\r\n\r\nThank you".to_owned()),
            ("stamp", self.stamp.clone()),
        ];
        let fields = fields.into_iter();
        let fields = fields.map(|(name, value)| (name.as_bytes().to_vec(), value.into_bytes()));
        fields.collect()
    }
}

fn pick<'a, T: ?Sized>(random: &mut StdRng, all: &[&'a T]) -> &'a T {
    all.choose(random).copied().unwrap()
}

/// Does something to one of the fields. Mostly it is one of those that somebody types.
fn spoil(random: &mut StdRng, fields: &mut Fields) {
    let index = random.random_range(0..fields.len());
    let name = String::from_utf8_lossy(&fields[index].0).into_owned();
    let value = &mut fields[index].1;
    let at = random.random_range(0..=value.len());
    match random.random_range(0..10) {
        0 => drop(value.splice(at..at, pick(random, BAD_BYTES).to_vec())),
        1 => {
            let control = char::from(random.random_range(0..0xa0_u8)).to_string();
            drop(value.splice(at..at, control.into_bytes()));
        }
        2 => *value = of_a_plane(random).into_bytes(),
        3 => drop(value.splice(at..at, pick(random, INJECTIONS).bytes())),
        4 => {
            // Some are larger than a form may be.
            let times = random.random_range(1..180_usize).pow(2);
            let part = if random.random() { "x" } else { "\u{fdfa}" };
            *value = part.repeat(times).into_bytes();
        }
        5 => {
            let copy = (fields[index].0.clone(), of_a_plane(random).into_bytes());
            fields.insert(random.random_range(0..=fields.len()), copy);
        }
        6 => drop(fields.remove(index)),
        7 => {
            let name = pick(random, NAMES).as_bytes().to_vec();
            let value = pick(random, INJECTIONS).as_bytes().to_vec();
            fields.push((name, value));
        }
        _ => {
            let odd = match &*name {
                "email" => pick(random, ADDRESSES),
                "from" | "to" => pick(random, DATES),
                "adults" | "children" | "pets" => pick(random, NUMBERS),
                _ => pick(random, INJECTIONS),
            };
            *value = odd.as_bytes().to_vec();
        }
    }
    if fields.is_empty() {
        fields.push((Vec::new(), Vec::new()));
    }
}

/// Some characters of one of the seventeen planes of Unicode, assigned or not.
fn of_a_plane(random: &mut StdRng) -> String {
    let plane = random.random_range(0..17_u32) << 16;
    let length = random.random_range(1..60);
    let characters =
        (0..length).filter_map(|_| char::from_u32(plane | random.random_range(0..0x1_0000)));
    characters.collect()
}

/// The content type and the body.
fn written(random: &mut StdRng, fields: &Fields) -> (String, Vec<u8>) {
    let right = "application/x-www-form-urlencoded";
    match random.random_range(0..20) {
        0 | 1 => (
            "multipart/form-data; boundary=----edge".to_owned(),
            multipart(fields),
        ),
        2 | 3 => (pick(random, CONTENT_TYPES).to_owned(), urlencoded(fields)),
        4 => (right.to_owned(), multipart(fields)),
        5..=7 => {
            let mut body = urlencoded(fields);
            let at = random.random_range(0..=body.len());
            match random.random_range(0..4) {
                0 => body.truncate(at),
                1 => drop(body.splice(at..at, pick(random, BAD_BYTES).to_vec())),
                2 => {
                    let byte = random.random();
                    body.insert(at, byte);
                }
                _ => drop(body.splice(at..at, pick(random, BROKEN_ESCAPES).bytes())),
            }
            (right.to_owned(), body)
        }
        _ => (right.to_owned(), urlencoded(fields)),
    }
}

fn urlencoded(fields: &Fields) -> Vec<u8> {
    let encode = |bytes: &[u8]| form_urlencoded::byte_serialize(bytes).collect::<String>();
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    fields.collect::<Vec<_>>().join("&").into_bytes()
}

fn multipart(fields: &Fields) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(b"------edge\r\nContent-Disposition: form-data; name=\"");
        body.extend(name);
        body.extend(b"\"\r\n\r\n");
        body.extend(value);
        body.extend(b"\r\n");
    }
    body.extend(b"------edge--\r\n");
    body
}

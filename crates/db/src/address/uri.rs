//! The URI form of a PostgreSQL address, taken apart as libpq does (`PostgreSQL 17
//! interfaces/libpq/fe-connect.c`, `conninfo_uri_parse_options`). Knows no parameter by name but
//! those that have a place of their own in an address.
//!
//! One difference: a password may hold an unencoded `@`, as `dj-database-url` allows. libpq would
//! read what follows the first `@` as the host.

use super::error::AddressError;

type Result<T> = std::result::Result<T, AddressError>;

/// The parameters of an address, in its order. If a name occurs twice, the later one counts. Names
/// and values are decoded, and may be empty.
pub(super) type Parameters = Vec<(String, String)>;

/// Takes apart what follows `postgres://`.
pub(super) fn parse(rest: &str) -> Result<Parameters> {
    let mut parameters = Parameters::new();
    let rest = match split_credentials(rest) {
        Some((credentials, rest)) => {
            let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
            add(&mut parameters, "user", user)?;
            add(&mut parameters, "password", password)?;
            rest
        }
        None if rest.split('?').next().unwrap_or(rest).contains('@') => {
            // libpq would read the rest of the password as the database's name and show it in errors.
            return Err(AddressError::Form(
                "a `/` in a user name or a password is written `%2F`, an `@` in a name `%40`",
            ));
        }
        None => rest,
    };
    let rest = hosts(rest, &mut parameters)?;
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, query),
        None => (rest, ""),
    };
    add(
        &mut parameters,
        "dbname",
        path.strip_prefix('/').unwrap_or(path),
    )?;
    parse_query(query, &mut parameters)?;
    Ok(parameters)
}

/// Splits at the `@` after `user:password`. As in libpq the credentials end before the first `/`, but
/// may hold a `?`.
fn split_credentials(rest: &str) -> Option<(&str, &str)> {
    let end = rest.find('/').unwrap_or(rest.len());
    let first = rest[..end].find('@')?;
    let end = rest[first..end].find('?').map_or(end, |at| first + at);
    let last = rest[..end].rfind('@')?;
    Some((&rest[..last], &rest[last + 1..]))
}

/// Reads hosts and ports, separated by commas, and returns what follows them.
fn hosts<'a>(mut rest: &'a str, parameters: &mut Parameters) -> Result<&'a str> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    loop {
        let host;
        (host, rest) = one_host(rest)?;
        hosts.push(host);
        let port = rest
            .strip_prefix(':')
            .map_or("", |after| until(after, "/?,"));
        ports.push(port);
        if !port.is_empty() || rest.starts_with(':') {
            rest = &rest[1 + port.len()..];
        }
        match rest.strip_prefix(',') {
            Some(further) => rest = further,
            None => break,
        }
    }
    add(parameters, "host", &hosts.join(","))?;
    add(parameters, "port", &ports.join(","))?;
    Ok(rest)
}

/// Splits after a host, which is in brackets if it is an IPv6 address.
fn one_host(rest: &str) -> Result<(&str, &str)> {
    let Some(bracketed) = rest.strip_prefix('[') else {
        let host = until(rest, ":/?,");
        return Ok((host, &rest[host.len()..]));
    };
    let (host, rest) = bracketed.split_once(']').ok_or(AddressError::Form(
        "the `]` behind an IPv6 address is missing",
    ))?;
    if host.is_empty() {
        return Err(AddressError::Form("there is nothing between `[` and `]`"));
    }
    if rest.is_empty() || rest.starts_with([':', '/', '?', ',']) {
        Ok((host, rest))
    } else {
        Err(AddressError::Form(
            "only `:` and a port, `/` or `?` may follow the `]` behind an IPv6 address",
        ))
    }
}

fn until<'a>(text: &'a str, ends: &str) -> &'a str {
    text.split(|c| ends.contains(c)).next().unwrap_or(text)
}

fn parse_query(query: &str, parameters: &mut Parameters) -> Result<()> {
    // As in libpq, a `&` at the end is allowed.
    for pair in query.split_terminator('&') {
        let wrong = AddressError::Form("each parameter behind `?` has the form `name=value`");
        let Some((name, value)) = pair.split_once('=') else {
            return Err(wrong);
        };
        if value.contains('=') {
            return Err(AddressError::Form("a `=` in a value is written `%3D`"));
        }
        let (name, value) = (decode(name)?, decode(value)?);
        // libpq translates JDBC's `ssl=true` in the same way.
        if (&*name, &*value) == ("ssl", "true") {
            parameters.push(("sslmode".to_owned(), "require".to_owned()));
        } else {
            parameters.push((name, value));
        }
    }
    Ok(())
}

fn add(parameters: &mut Parameters, name: &str, value: &str) -> Result<()> {
    if !value.is_empty() {
        parameters.push((name.to_owned(), decode(value)?));
    }
    Ok(())
}

/// Decodes `%XX`. A `+` stays a plus sign.
fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next().unwrap_or(b' ')).to_digit(16);
        let code = digit().zip(digit());
        let code = code.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        match code {
            Some(code) if code != 0 => bytes.push(code),
            _ => {
                return Err(AddressError::Form(
                    "two hexadecimal digits follow each `%`, not both 0; a `%` itself is written \
                     `%25`",
                ));
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| AddressError::Form("what `%` stands for is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn read(rest: &str) -> String {
        let pairs = parse(rest).unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        pairs.join(" ")
    }

    /// What libpq makes of each, but where a line says otherwise.
    #[test]
    fn addresses_are_taken_apart_as_by_libpq() {
        for (rest, expected) in [
            ("", ""),
            ("/", ""),
            ("h", "host=h"),
            ("h:5433", "host=h port=5433"),
            ("h:/d", "host=h dbname=d"),
            ("h/d", "host=h dbname=d"),
            ("u@h", "user=u host=h"),
            ("u:p@h/d", "user=u password=p host=h dbname=d"),
            ("u:@h", "user=u host=h"),
            (":p@h", "password=p host=h"),
            ("@h", "host=h"),
            ("u@/d", "user=u dbname=d"),
            ("u:p?x@h/d", "user=u password=p?x host=h dbname=d"),
            ("u:a%40b%2Fc%25@h", "user=u password=a@b/c% host=h"),
            // Of libpq the host would be `b@h`.
            ("u:a@b@h", "user=u password=a@b host=h"),
            (
                "u:p@h?password=x@y",
                "user=u password=p host=h password=x@y",
            ),
            ("[::1]", "host=::1"),
            (
                "u@[fe80::1%25eth0]:5433/d",
                "user=u host=fe80::1%eth0 port=5433 dbname=d",
            ),
            ("[::1]?dbname=d", "host=::1 dbname=d"),
            ("a,b", "host=a,b port=,"),
            ("a:1,[::2]:3/d", "host=a,::2 port=1,3 dbname=d"),
            ("%2Fvar%2Frun/d", "host=/var/run dbname=d"),
            ("/d?host=/var/run", "dbname=d host=/var/run"),
            ("/d?host=&port=", "dbname=d host= port="),
            ("/a/b", "dbname=a/b"),
            ("h?ssl=true", "host=h sslmode=require"),
            ("h?ssl=false", "host=h ssl=false"),
            ("h/d?a=%26+b&", "host=h dbname=d a=&+b"),
        ] {
            assert_eq!(read(rest), expected, "{rest}");
        }
    }

    #[test]
    fn what_libpq_cannot_read_is_refused() {
        for rest in [
            "[::1",
            "[]",
            "[::1]x",
            "h?a",
            "h?a=b=c",
            "h?=&&",
            "h/%",
            "h/%4",
            "h/%zz",
            "h/%00",
            "h/%ff",
            "u:secret/rest@h/d",
            "u:12/rest@h/d",
        ] {
            assert!(parse(rest).is_err(), "{rest}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_encoded_comes_back(
            values in proptest::array::uniform5("[^\\x00]{1,12}")
        ) {
            let encoded = values.each_ref().map(|value| {
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
            });
            let [user, password, host, database, name] = encoded;
            let rest = format!("{user}:{password}@{host}/{database}?application_name={name}");
            let read: Vec<_> = parse(&rest).unwrap().into_iter().map(|(_, value)| value).collect();
            prop_assert_eq!(read, values);
        }

        #[test]
        fn no_text_is_too_odd(text in "([a-z:@/?&=%,0-9]|\\[|\\]|é){0,40}") {
            let _ = parse(&text);
        }
    }
}

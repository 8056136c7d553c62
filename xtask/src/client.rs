//! An HTTP/1.1 client that does just what is measured: one connection, one request at a time.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// How long connecting or reading may take: longer than any answer that is worth measuring.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that is kept between requests.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
    host: String,
    /// The session cookie of a login, sent from then on.
    session: Option<String>,
    /// The cookie of a known device, from the latest login.
    device: Option<String>,
    answer_began: bool,
    is_last: bool,
}

impl Client {
    /// Connects to a server within ten seconds.
    pub fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Self {
            stream: BufReader::new(stream),
            host: address.to_string(),
            session: None,
            device: None,
            answer_began: false,
            is_last: false,
        })
    }

    /// The session cookie as it is sent, `name=value`; `None` before a login.
    pub fn session(&self) -> Option<String> {
        self.session.clone()
    }

    /// The same client with the session of another one.
    #[must_use]
    pub fn with_session(mut self, cookie: &str) -> Self {
        self.session = Some(cookie.to_owned());
        self
    }

    /// Whether the latest answer has begun. If it has not, the connection was closed before the
    /// request arrived.
    pub fn answer_began(&self) -> bool {
        self.answer_began
    }

    /// The cookie that makes this client a known device, after a login.
    pub fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// Whether the latest answer closes the connection.
    pub fn is_last(&self) -> bool {
        self.is_last
    }

    /// Requests a page, reads all of it, and returns the status.
    pub fn get(&mut self, path: &str) -> anyhow::Result<u16> {
        let cookie = self.session.as_ref();
        let cookie = cookie.map_or_else(String::new, |key| format!("Cookie: {key}\r\n"));
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{cookie}\r\n", self.host);
        self.exchange(path, &request, &mut std::io::sink())
    }

    /// Requests a page, fails unless it is a 200, and returns its body.
    pub fn read(&mut self, path: &str) -> anyhow::Result<String> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        let mut body = Vec::new();
        let status = self.exchange(path, &request, &mut body)?;
        if status != 200 {
            bail!("{path} answered {status}");
        }
        String::from_utf8(body).with_context(|| format!("{path} is not UTF-8"))
    }

    /// Sends a form, with further lines for the head, reads all of the answer, and returns the
    /// status.
    pub fn post(&mut self, path: &str, head: &str, form: &str) -> anyhow::Result<u16> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\n{head}Content-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{form}",
            self.host,
            form.len()
        );
        self.exchange(path, &request, &mut std::io::sink())
    }

    fn exchange(
        &mut self,
        path: &str,
        request: &str,
        sink: &mut impl Write,
    ) -> anyhow::Result<u16> {
        self.answer_began = false;
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.answer_began = loop {
            match self.stream.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                begun => break !begun?.is_empty(),
            }
        };
        let status_line = self.line()?;
        let status = status_line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .with_context(|| format!("not a status line: {status_line:?}"))?;
        let mut length = None;
        loop {
            let sent = self.line()?;
            let line = sent.to_ascii_lowercase();
            match line.split_once(':') {
                None if line.is_empty() => break,
                None => bail!("not a header: {line:?}"),
                Some(("content-length", value)) => length = value.trim().parse().ok(),
                Some(("set-cookie", value)) if value.trim().starts_with("sessionid=") => {
                    self.session = value.trim().split(';').next().map(str::to_owned);
                }
                Some(("set-cookie", value)) if value.trim().starts_with("device=") => {
                    let (_, value) = sent.split_once(':').unwrap_or_default();
                    self.device = value.trim().split(';').next().map(str::to_owned);
                }
                Some(("connection", value)) => self.is_last = value.trim() == "close",
                Some(_) => {}
            }
        }
        let length: u64 = length.with_context(|| format!("{path} does not tell its length"))?;
        let mut body = self.stream.by_ref().take(length);
        let read = std::io::copy(&mut body, sink)?;
        if read < length {
            bail!("{path} was cut off after {read} of {length} bytes");
        }
        Ok(status)
    }

    /// Requests a page, and fails unless it is a 200.
    pub fn expect(&mut self, path: &str) -> anyhow::Result<()> {
        let status = self.get(path).with_context(|| format!("ask for {path}"))?;
        if status != 200 {
            bail!("{path} answered {status}");
        }
        Ok(())
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        if !line.ends_with("\r\n") {
            bail!("the connection was closed");
        }
        line.truncate(line.len() - 2);
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// A server that answers each request with the next of these texts, then closes.
    fn serve(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("bind");
        let address = listener.local_addr().expect("address");
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("accept");
            for answer in answers {
                let mut reader = BufReader::new(&stream).lines();
                while reader
                    .next()
                    .is_some_and(|line| line.is_ok_and(|l| !l.is_empty()))
                {}
                stream.write_all(answer.as_bytes()).expect("write");
            }
        });
        address
    }

    #[test]
    fn answers_are_read_to_their_end_and_the_connection_is_kept() {
        let address = serve(&[
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        ]);
        let mut client = Client::connect(address).unwrap();
        assert_eq!(client.read("/").unwrap(), "hello");
        assert_eq!(client.get("/nothing/").unwrap(), 404);
        assert!(!client.is_last());
    }

    #[test]
    fn an_end_before_the_answer_is_told_from_one_within_it() {
        let address = serve(&["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"]);
        let mut client = Client::connect(address).unwrap();
        client.expect("/").unwrap();
        assert!(client.answer_began() && client.is_last());
        client.get("/").unwrap_err();
        assert!(!client.answer_began());

        let mut client = Client::connect(serve(&["HTTP/1.1"])).unwrap();
        client.get("/").unwrap_err();
        assert!(client.answer_began());
    }

    #[test]
    fn half_an_answer_is_none() {
        let address = serve(&["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"]);
        let mut client = Client::connect(address).unwrap();
        let error = client.get("/").unwrap_err().to_string();
        assert_eq!(error, "/ was cut off after 3 of 5 bytes");
    }
}

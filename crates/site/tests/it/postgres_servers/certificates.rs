//! TLS: whom a connection trusts. The certificates are made by OpenSSL, which every PostgreSQL of
//! Debian brings along.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{by_ours, by_psql};
use crate::support::cluster::Cluster;
use crate::support::program::run;

const TLS: &str = "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

/// What the server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ServerCertificate {
    /// A certificate for `localhost` that an authority has signed.
    Signed,
    /// One that is its own authority, as `openssl req -x509` makes it by itself.
    OwnAuthority,
    /// One that has signed itself and says that it is no authority.
    SelfSigned,
    /// One of the authority without extensions: it names `localhost` as its common name.
    WithoutExtensions,
}

impl ServerCertificate {
    fn name(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::OwnAuthority => "own-authority",
            Self::SelfSigned => "self-signed",
            Self::WithoutExtensions => "without-extensions",
        }
    }
}

/// A server that lets nobody in without TLS, and on IPv6 only who shows a certificate.
struct TlsServer {
    cluster: Cluster,
    certificates: PathBuf,
}

impl TlsServer {
    fn start(folder: &Path) -> Self {
        let certificates = folder.join("certificates");
        let data = folder.join("data");
        fs::create_dir(&certificates).unwrap();
        fs::create_dir(&data).unwrap();
        make_certificates(&certificates);
        let options = "-h 127.0.0.1 -c ssl=on -c ssl_ca_file=authority.crt";
        let cluster = Cluster::make_in(&data, options);
        let hba = "hostssl template1 all 127.0.0.1/32 cert\nhostssl all all 127.0.0.1/32 trust\n\
                   local all all trust\n";
        cluster.write("pg_hba.conf", hba);
        let server = Self {
            cluster,
            certificates,
        };
        let authority = fs::read_to_string(server.file("authority.crt")).unwrap();
        server.cluster.write("authority.crt", &authority);
        server.show(ServerCertificate::Signed);
        server
    }

    /// Starts with another certificate.
    fn show(&self, shown: ServerCertificate) {
        for ending in ["crt", "key"] {
            let file = format!("{}.{ending}", shown.name());
            let text = fs::read_to_string(self.file(&file)).unwrap();
            self.cluster.write(&format!("server.{ending}"), &text);
        }
        self.cluster.start();
    }

    fn show_instead(&self, shown: ServerCertificate) {
        self.cluster.stop("fast");
        self.show(shown);
    }

    fn file(&self, name: &str) -> String {
        self.certificates.join(name).to_str().unwrap().to_owned()
    }

    /// Under a host, with the names of files put in.
    fn url(&self, host: &str, query: &str) -> String {
        let folder = self.certificates.to_str().unwrap();
        let query = query.replace("=/", &format!("={folder}/"));
        let port = self.cluster.port();
        format!("postgresql://postgres@{host}:{port}/postgres?{query}")
    }

    async fn assert_as_psql(&self, host: &str, query: &str, expected: Option<&str>) {
        let url = self.url(host, query);
        let psql = by_psql(&url, TLS);
        let ours = by_ours(&url, TLS).await;
        assert_eq!(psql.as_deref().ok(), expected, "psql {url}: {psql:?}");
        assert_eq!(ours.as_deref().ok(), expected, "{url}: {ours:?}");
    }

    /// What ours says where `psql` gets in.
    async fn refusal(&self, host: &str, query: &str) -> String {
        let url = self.url(host, query);
        assert_eq!(by_psql(&url, TLS).as_deref(), Ok("true"), "{url}");
        by_ours(&url, TLS).await.unwrap_err()
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let mut openssl = Command::new("openssl");
    let openssl = openssl.current_dir(folder).args(arguments.split(' '));
    let output = openssl.output().unwrap();
    assert!(output.status.success(), "{openssl:?}: {output:?}");
}

fn make_certificates(folder: &Path) {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    let own = |name: &str, more: &str| {
        openssl(
            folder,
            &format!("req -x509 {key} -keyout {name}.key -out {name}.crt -days 2 {more}"),
        );
    };
    own("authority", "-subj /CN=authority");
    own("stranger", "-subj /CN=stranger");
    own(
        "own-authority",
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost",
    );
    own(
        "self-signed",
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost \
         -addext basicConstraints=critical,CA:FALSE",
    );
    fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    fs::write(folder.join("no-names"), "basicConstraints=CA:FALSE\n").unwrap();
    for (name, subject, further) in [
        ("signed", "localhost", "-extfile names"),
        ("without-extensions", "localhost", ""),
        ("client", "postgres", "-extfile no-names"),
    ] {
        openssl(
            folder,
            &format!("req {key} -keyout {name}.key -out {name}.csr -subj /CN={subject}"),
        );
        let sign = format!(
            "x509 -req -in {name}.csr -CA authority.crt -CAkey authority.key -CAcreateserial \
             -out {name}.crt -days 2 {further}"
        );
        openssl(folder, sign.trim_end());
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a list of modes")]
async fn each_mode_trusts_whom_psql_trusts() {
    let folder = tempfile::tempdir().unwrap();
    let server = TlsServer::start(folder.path());
    let tls = Some("true");
    for (host, query, expected) in [
        ("127.0.0.1", "sslmode=disable", None),
        ("127.0.0.1", "sslmode=allow", tls),
        ("127.0.0.1", "sslmode=prefer", tls),
        ("127.0.0.1", "", tls),
        ("127.0.0.1", "sslmode=require", tls),
        ("127.0.0.1", "ssl=true", tls),
        ("127.0.0.1", "sslmode=verify-ca", None),
        ("localhost", "sslmode=verify-full", None),
        // The authority is verified, the name only where that is asked.
        (
            "127.0.0.1",
            "sslmode=verify-ca&sslrootcert=/authority.crt",
            tls,
        ),
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=/authority.crt",
            tls,
        ),
        (
            "127.0.0.1",
            "sslmode=verify-full&sslrootcert=/authority.crt",
            None,
        ),
        (
            "127.0.0.1",
            "sslmode=verify-ca&sslrootcert=/stranger.crt",
            None,
        ),
        (
            "localhost",
            "sslmode=verify-full&sslrootcert=/stranger.crt",
            None,
        ),
        // With a file there is something to verify with.
        (
            "127.0.0.1",
            "sslmode=require&sslrootcert=/authority.crt",
            tls,
        ),
        (
            "127.0.0.1",
            "sslmode=require&sslrootcert=/stranger.crt",
            None,
        ),
        (
            "127.0.0.1",
            "sslmode=verify-ca&sslrootcert=/nothing.crt",
            None,
        ),
        // The server asks who we are.
        ("127.0.0.1", "dbname=template1&sslmode=require", None),
        (
            "127.0.0.1",
            "dbname=template1&sslmode=require&sslcert=/client.crt&sslkey=/client.key",
            tls,
        ),
        (
            "127.0.0.1",
            "dbname=template1&sslmode=verify-ca&sslrootcert=/authority.crt&sslcert=/client.crt\
             &sslkey=/client.key",
            tls,
        ),
        (
            "127.0.0.1",
            "dbname=template1&sslmode=require&sslcert=/stranger.crt&sslkey=/stranger.key",
            None,
        ),
    ] {
        server.assert_as_psql(host, query, expected).await;
    }
    let url = server.url("localhost", "sslmode=verify-ca&sslrootcert=/nothing.crt");
    let error = by_ours(&url, TLS).await.unwrap_err();
    assert!(
        error.contains("nothing.crt that `sslrootcert` names"),
        "{error}"
    );
}

#[tokio::test]
async fn a_certificate_that_the_driver_does_not_take_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = TlsServer::start(folder.path());
    server.show_instead(ServerCertificate::OwnAuthority);
    server
        .assert_as_psql("localhost", "sslmode=require", Some("true"))
        .await;
    let own = "sslrootcert=/own-authority.crt";
    for query in [
        format!("sslmode=require&{own}"),
        format!("sslmode=verify-ca&{own}"),
        format!("sslmode=verify-full&{own}"),
    ] {
        let error = server.refusal("localhost", &query).await;
        assert!(
            error.contains("is its own authority (self-signed)"),
            "{error}"
        );
    }
    server.show_instead(ServerCertificate::SelfSigned);
    let own = "sslmode=verify-full&sslrootcert=/self-signed.crt";
    server.assert_as_psql("localhost", own, Some("true")).await;
    server.assert_as_psql("127.0.0.1", own, None).await;
    server.show_instead(ServerCertificate::WithoutExtensions);
    let authority = "sslmode=verify-full&sslrootcert=/authority.crt";
    let error = server.refusal("localhost", authority).await;
    assert!(error.contains("X.509 version 1"), "{error}");
}

/// What the operator of the program reads.
#[tokio::test]
async fn the_program_says_why_a_certificate_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let server = TlsServer::start(folder.path());
    let authority = server.file("authority.crt");
    // The system's authorities, for OpenSSL and for ours; `psql` knows the word from version 16 on.
    let variables = [("SSL_CERT_FILE", &*authority)];
    let plan = |query: &str, variables: &[(&str, &str)]| {
        let url = server.url("localhost", query);
        let variables = [&[("DATABASE_URL", &*url)][..], variables].concat();
        run(folder.path(), &variables, &["migrate", "--plan"])
    };
    let trusted = plan("sslrootcert=system", &variables);
    assert_eq!(trusted.code, Some(0), "{trusted:?}");
    for (query, expected) in [
        ("sslrootcert=system", "no authority that is known here"),
        (
            "sslmode=verify-full&sslrootcert=/stranger.crt",
            "no authority that is known here",
        ),
        (
            "sslmode=verify-ca&sslrootcert=system",
            "DATABASE_URL has a wrong value of `sslmode`",
        ),
        (
            "channel_binding=require",
            "DATABASE_URL asks by `channel_binding` for what `psql` can and this program cannot do",
        ),
    ] {
        let refused = plan(query, &[]);
        assert_ne!(refused.code, Some(0), "{query}");
        assert!(refused.err.contains(expected), "{query}: {}", refused.err);
    }
    let service = plan("", &[("PGSERVICE", "books")]);
    assert_eq!(service.code, Some(2), "{service:?}");
    assert!(service.err.contains("`PGSERVICE`"), "{service:?}");
}

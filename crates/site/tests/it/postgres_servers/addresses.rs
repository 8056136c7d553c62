//! The forms of an address.

use std::process::Command;

use super::{by_ours, by_psql};
use crate::support::cluster::Cluster;

/// Who is where, and how.
const WHERE: &str = "SELECT concat_ws(' ', current_user, current_database(), \
                     nullif(nullif(current_setting('application_name'), 'psql'), ''), \
                     current_setting('search_path'), \
                     coalesce(host(inet_server_addr()), 'by socket'))";

/// The name of the user that the tests run as.
fn own_name() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a list of forms")]
async fn every_form_of_an_address_leads_where_psql_goes() {
    let folder = tempfile::tempdir().unwrap();
    // An IPv6 address that leads to the same: not every machine has `::1`.
    let six = "::ffff:127.0.0.1";
    let cluster = Cluster::make_in(folder.path(), "-h 127.0.0.1");
    cluster.start();
    let own = own_name();
    let odd = "p@s/w:?#%&= ü";
    for sql in [
        format!("CREATE ROLE \"{own}\" SUPERUSER LOGIN"),
        format!("CREATE DATABASE \"{own}\""),
        format!("CREATE ROLE \"odd user\" LOGIN PASSWORD '{odd}'"),
        "CREATE DATABASE \"odd/base\"".to_owned(),
    ] {
        by_psql(&cluster.url(), &sql).unwrap();
    }
    cluster.stop("fast");
    cluster.write(
        "pg_hba.conf",
        "host all \"odd user\" all scram-sha-256\nhost all all all trust\nlocal all all trust\n",
    );
    cluster.start();
    let port = cluster.port();
    let socket = folder.path().to_str().unwrap();
    let encoded = socket.replace('/', "%2F");
    for address in [
        format!("postgres@127.0.0.1:{port}/postgres"),
        format!("postgres@localhost:{port}/postgres"),
        format!("postgres@[{six}]:{port}/postgres"),
        format!("postgres@[{six}]/postgres?port={port}"),
        format!("postgres:unused@[{six}]:{port}?dbname=postgres"),
        // The user's own database.
        format!("postgres@127.0.0.1:{port}"),
        format!("postgres@127.0.0.1:{port}/"),
        format!("127.0.0.1:{port}"),
        // The system's user.
        format!("/postgres?host={socket}&port={port}"),
        format!("{encoded}:{port}"),
        format!("{encoded}:{port}/postgres"),
        format!("postgres@{encoded}:{port}/postgres"),
        format!("postgres@/postgres?host={encoded}&port={port}"),
        format!("?host={socket}&port={port}&user=postgres"),
        // On a socket there is no TLS, whatever is asked.
        format!("postgres@/postgres?host={socket}&port={port}&sslmode=require"),
        // What is behind the `?` counts, and what is empty does not.
        format!("nobody@127.0.0.1:1/nothing?user=postgres&dbname=postgres&port={port}"),
        format!("postgres@127.0.0.1:{port}/postgres?application_name=&options=&"),
        format!("postgres@nowhere.invalid:{port}/postgres?hostaddr=127.0.0.1"),
        format!("postgres@nowhere.invalid:{port}/postgres?hostaddr={six}"),
        // Whatever is odd is encoded.
        format!("odd%20user:p%40s%2Fw%3A%3F%23%25%26%3D%20%C3%BC@127.0.0.1:{port}/odd%2Fbase"),
        format!("odd%20user:p%40s%2Fw:%3F%23%25&=%20ü@[{six}]:{port}/odd/base"),
        format!(
            "127.0.0.1:{port}?user=odd%20user&password=p%40s/w:?%23%25%26%3D%20ü&dbname=odd/base"
        ),
        // Settings of the session.
        format!("postgres@127.0.0.1:{port}/postgres?application_name=site%20one"),
        // `psql` has a name of its own to fall back to.
        format!("postgres@127.0.0.1:{port}/postgres?fallback_application_name=psql"),
        format!("postgres@127.0.0.1:{port}/postgres?options=-c%20search_path%3Dbooks"),
        format!("postgres@127.0.0.1:{port}/postgres?options=-csearch_path%3Da,b%20-cgeqo%3Doff"),
        format!("postgres@127.0.0.1:{port}/postgres?connect_timeout=3&keepalives=0"),
        format!("postgres@127.0.0.1:{port}/postgres?target_session_attrs=read-write"),
        format!("postgres@127.0.0.1:{port}/postgres?target_session_attrs=primary"),
        format!("postgres@127.0.0.1:{port}/postgres?sslmode=disable&gssencmode=prefer"),
        format!("postgres@127.0.0.1:{port}/postgres?sslmode=allow"),
        format!("postgres@127.0.0.1:{port}/postgres?channel_binding=prefer"),
    ] {
        let url = format!("postgresql://{address}");
        let psql = by_psql(&url, WHERE);
        assert!(psql.is_ok(), "{url}: {psql:?}");
        assert_eq!(by_ours(&url, WHERE).await, psql, "{url}");
    }
    // Neither gets in.
    for address in [
        format!("postgres@127.0.0.1:{port}/postgres?sslmode=require"),
        format!("postgres@127.0.0.1:{port}/nothing"),
        format!("odd%20user:wrong@127.0.0.1:{port}/postgres"),
        format!("postgres@[::1:{port}/postgres"),
        format!("postgres@[]:{port}/postgres"),
        format!("postgres@127.0.0.1:{port}/postgres?nonsense=1"),
        format!("postgres@127.0.0.1:{port}/postgres?application_name"),
        format!("postgres@127.0.0.1:{port}/postgres?application_name=%zz"),
        format!("postgres@127.0.0.1:{port}/postgres?sslmode=nonsense"),
        format!("postgres@127.0.0.1:{port}/postgres?sslmode="),
        format!("postgres@127.0.0.1:{port}/postgres?channel_binding="),
        format!("postgres@127.0.0.1:{port}/postgres?connect_timeout="),
        format!("postgres@127.0.0.1:{port}/postgres?service=nonsense"),
        format!("postgres@127.0.0.1:{port}/postgres?connect_timeout=soon"),
        format!("postgres@127.0.0.1:{port}/postgres?channel_binding=require"),
        "postgres@127.0.0.1:0/postgres".to_owned(),
        "postgres@127.0.0.1:nonsense/postgres".to_owned(),
        "/postgres?host=/nowhere".to_owned(),
    ] {
        let url = format!("postgresql://{address}");
        let psql = by_psql(&url, WHERE);
        let ours = by_ours(&url, WHERE).await;
        assert!(psql.is_err() && ours.is_err(), "{url}: {psql:?}, {ours:?}");
    }
}

/// A server that `target_session_attrs` does not want.
#[tokio::test]
async fn a_server_that_cannot_be_written_to_is_refused_where_that_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::make_in(folder.path(), "-c default_transaction_read_only=on");
    cluster.start();
    let url = |query: &str| format!("{}?{query}", cluster.url());
    let asking = url("target_session_attrs=read-write");
    assert!(by_psql(&asking, WHERE).unwrap_err().contains("read-only"));
    let error = by_ours(&asking, WHERE).await.unwrap_err();
    assert!(error.contains("`target_session_attrs`"), "{error}");
    for query in [
        "target_session_attrs=primary",
        "target_session_attrs=any",
        "",
    ] {
        assert_eq!(
            by_ours(&url(query), WHERE).await,
            by_psql(&url(query), WHERE),
            "{query}"
        );
    }
}

//! What `serve` tells when it starts: where the data lies and whether it will stay, what to do with
//! an empty site, and where to look at it.

use std::path::Path;

use crate::support::mounts::{mount, with_own_mounts};
use crate::support::program::{Server, command};

const DEBUG: (&str, &str) = ("DEBUG", "1");

/// How an engine names a volume that nobody named.
const ANONYMOUS: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// What a server says until it listens.
fn seen(folder: &Path, variables: &[(&str, &str)]) -> String {
    let server = Server::start(folder, &[&[DEBUG], variables].concat());
    server.seen.clone()
}

#[test]
fn the_start_says_where_the_data_lies_and_when_it_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    let path = path.join("oc-lettings-site.sqlite3");
    let place = format!("the data lies in the SQLite file {}", path.display());
    let first = seen(folder.path(), &[]);
    assert!(
        first.contains(&format!("{place}, which was made new\n")),
        "{first}"
    );
    assert!(
        first.contains("the database is empty: `oc-lettings demo` fills it"),
        "{first}"
    );
    let second = seen(folder.path(), &[]);
    assert!(second.contains(&format!("{place}\n")), "{second}");
    assert!(
        !second.contains("made new") && !second.contains("demo"),
        "{second}"
    );
}

#[test]
fn nobody_is_told_to_fill_a_database_that_is_about_to_be_filled() {
    let folder = tempfile::tempdir().unwrap();
    let log = seen(folder.path(), &[("DEMO_DATA", "1")]);
    assert!(
        log.contains("the empty database was filled with demo data"),
        "{log}"
    );
    assert!(log.contains("which was made new"), "{log}");
    assert!(!log.contains("oc-lettings demo"), "{log}");
}

#[tokio::test]
async fn a_volume_that_nobody_named_is_warned_of_by_a_mount() {
    with_own_mounts(|| async {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let data = folder.join("data");
        std::fs::create_dir(&data).unwrap();
        let option = format!("-v oc-lettings-data:{}", data.display());
        for (name, is_warned_of) in [(ANONYMOUS, true), ("oc-lettings-data", false)] {
            // As the engine does it: a folder of the host, mounted into the container.
            let volume = folder.join("volumes").join(name).join("_data");
            std::fs::create_dir_all(&volume).unwrap();
            mount(&["--bind", volume.to_str().unwrap()], &data);
            let log = seen(&data, &[]);
            assert!(volume.join("oc-lettings-site.sqlite3").exists());
            assert_eq!(log.contains(&option), is_warned_of, "{log}");
            assert_eq!(log.contains("without a name"), is_warned_of, "{log}");
        }
        mount(&["-t", "tmpfs", "none"], &data);
        let log = seen(&data, &[]);
        assert!(log.contains("the database lies in memory"), "{log}");
    })
    .await;
}

#[test]
fn on_render_a_file_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let render = [
        ("RENDER_EXTERNAL_HOSTNAME", "site.onrender.com"),
        ("SECRET_KEY", "for-tests-alone"),
    ];
    let log = seen(folder.path(), &render);
    assert!(
        log.contains("files on Render are lost at every deployment"),
        "{log}"
    );
}

#[test]
fn the_address_in_the_log_can_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    for (bind, host) in [
        ("[::]:0", "localhost"),
        ("0.0.0.0:0", "localhost"),
        ("127.0.0.1:0", "127.0.0.1"),
    ] {
        let mut command = command(folder.path(), &[DEBUG]);
        let server = Server::spawn(command.args(["serve", "--bind", bind]));
        let link = format!("listening on http://{host}:{}, ", server.port());
        assert!(server.seen.contains(&link), "{bind}: {}", server.seen);
        let tells_all = server.seen.contains("on every address of this machine");
        assert_eq!(tells_all, host == "localhost", "{}", server.seen);
        assert_eq!(server.get("/healthz").0, 200, "{bind}");
    }
}

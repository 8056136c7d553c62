//! Roots that are not just a folder.

use std::fs;
use std::path::Path;

use staticfiles::collect::{Clear, Config};
use staticfiles::source::Source;

use super::{Site, collect, names, read_folder, write};

#[test]
fn the_root_is_made_with_what_is_above_it() {
    let site = Site::with(&[("a.css", "b{}")]);
    let mut config = site.config();
    config.root = site.path("deep/er/root");
    collect(&config).unwrap();
    assert!(site.path("deep/er/root/a.css").is_file());
    site.assert_tidy();
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, lchown, symlink};

    use super::*;

    #[test]
    fn the_root_may_be_a_link() {
        let site = Site::with(&[("a.css", "b{}")]);
        fs::create_dir(site.path("real")).unwrap();
        symlink("real", site.path("root")).unwrap();
        site.collect();
        assert!(site.path("root").is_symlink());
        assert!(site.path("real/a.css").is_file());
    }

    /// As in Django: what comes under a link is put where it leads.
    #[test]
    fn a_link_to_a_folder_in_the_root_is_followed() {
        let site = Site::with(&[("css/a.css", "b{}")]);
        fs::create_dir_all(site.path("elsewhere")).unwrap();
        fs::create_dir_all(site.path("root")).unwrap();
        symlink("../elsewhere", site.root("css")).unwrap();
        site.collect();
        assert!(site.path("elsewhere/a.css").is_file());
    }

    /// Where others may write, a link of theirs would have files put, or deleted, anywhere.
    #[test]
    fn a_link_that_somebody_else_has_put_into_the_root_is_not_followed() {
        let site = Site::with(&[("css/a.css", "b{}")]);
        fs::create_dir_all(site.path("elsewhere")).unwrap();
        fs::create_dir_all(site.path("root")).unwrap();
        symlink("../elsewhere", site.root("css")).unwrap();
        // Only root can give a link away; one's own is followed.
        let is_theirs = lchown(site.root("css"), Some(1234), None).is_ok();
        let refused = collect(&site.config()).map_err(|error| error.to_string());
        let names_it = refused.is_err_and(|text| text.contains("css"));
        assert_eq!(names_it, is_theirs);
        assert_eq!(site.path("elsewhere/a.css").exists(), !is_theirs);
    }

    #[test]
    fn a_link_to_a_file_becomes_a_file() {
        let site = Site::with(&[("a.css", "b{}")]);
        fs::create_dir_all(site.path("root")).unwrap();
        symlink(site.source("a.css"), site.root("a.css")).unwrap();
        let outcome = site.collect();
        assert_eq!(outcome.copied, 1);
        assert!(!site.root("a.css").is_symlink());
    }

    #[test]
    fn clearing_removes_links_and_not_what_they_lead_to() {
        let site = Site::with(&[("css/a.css", "b{}")]);
        write(&site.path("elsewhere/precious"), b"");
        fs::create_dir_all(site.path("root/old")).unwrap();
        symlink("../elsewhere", site.root("css")).unwrap();
        symlink("../../elsewhere", site.root("old/link")).unwrap();
        symlink("nowhere", site.root("broken")).unwrap();
        let mut config = site.config();
        config.clear = Clear::Delete;
        let outcome = collect(&config).unwrap();
        assert_eq!(outcome.deleted, 3);
        assert_eq!(
            names(&site.path("root")),
            ["css/a.c1f7557b6ebb.css", "css/a.css", "staticfiles.json"]
        );
        assert_eq!(names(&site.path("elsewhere")), ["precious"]);
        assert!(!site.root("old").exists());
    }

    /// Where only the root itself may be written, the temporary folder is in it.
    #[test]
    fn the_folder_above_the_root_need_not_be_writable() {
        let site = Site::with(&[("a.css", "b{}")]);
        let parent = site.path("parent");
        fs::create_dir_all(parent.join("root")).unwrap();
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o555)).unwrap();
        let mut config = site.config();
        config.root = parent.join("root");
        let result = collect(&config);
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o755)).unwrap();
        result.unwrap();
        assert_eq!(fs::read_dir(parent.join("root")).unwrap().count(), 3);
    }

    /// Another file system, where the machine has one that anybody may write to.
    #[test]
    fn the_root_may_be_on_another_file_system() {
        use std::os::unix::fs::MetadataExt as _;

        let site = Site::with(&[("css/a.css", "b{c:url(d.png)}"), ("css/d.png", "")]);
        let device = |path: &Path| fs::metadata(path).map(|metadata| metadata.dev()).ok();
        let shared_memory = Path::new("/dev/shm");
        let there = tempfile::tempdir_in(shared_memory);
        let there = there.expect("a folder in the memory of the machine");
        assert_ne!(device(shared_memory), device(&site.path("")));
        // A folder in the root that is elsewhere: files are copied into it.
        fs::create_dir_all(site.path("root")).unwrap();
        symlink(there.path(), site.root("css")).unwrap();
        site.collect();
        let sources = vec![Source::Folder(site.path("source"))];
        let whole = site.path("whole");
        collect(&Config::new(sources, &whole)).unwrap();
        assert_eq!(
            names(there.path()),
            ["a.68dc2307f9f6.css", "a.css", "d.d41d8cd98f00.png", "d.png"]
        );
        assert_eq!(read_folder(there.path()), read_folder(&whole.join("css")));
    }
}

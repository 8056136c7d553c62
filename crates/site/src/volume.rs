//! Whether a file outlives the container that the program runs in, by the mounts that Linux lists:
//! `proc_pid_mountinfo(5)`. A file of which that cannot be told counts as lasting, so that there is
//! no false alarm.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a file may not last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ephemeral {
    /// It is on a volume that the container's engine made because nobody named one; the volume is
    /// mounted at this path.
    AnonymousVolume(PathBuf),
    /// It is in the container's own layer, in this folder.
    Layer(PathBuf),
    /// It is in a file system that is kept in memory.
    Memory,
}

/// Why a file may not last, by the mount that holds it; `None` if it lasts, or if that cannot be
/// told. The path has to be absolute and without links, since mount points are.
pub fn ephemeral(file: &Path, mountinfo: &str) -> Option<Ephemeral> {
    let mounts = mountinfo.lines().filter_map(Mount::parse);
    // Of two mounts at one place the later one hides the earlier, and `max_by_key` takes the last.
    let mount = mounts
        .filter(|mount| file.starts_with(&mount.point))
        .max_by_key(|mount| mount.point.components().count())?;
    if ["tmpfs", "ramfs"].contains(&mount.kind) {
        return Some(Ephemeral::Memory);
    }
    let is_root = mount.point == Path::new("/");
    let is_layer = ["overlay", "fuse.fuse-overlayfs"].contains(&mount.kind);
    if is_root && (is_layer || mount.has_generated_name()) {
        let folder = file.parent().filter(|folder| *folder != Path::new("/"));
        return Some(Ephemeral::Layer(
            folder.unwrap_or(DATA_FOLDER.as_ref()).to_owned(),
        ));
    }
    (!is_root && mount.has_generated_name()).then_some(Ephemeral::AnonymousVolume(mount.point))
}

/// The folder that the image keeps its data in. It is suggested for a file in the root, over which
/// nothing can be mounted.
const DATA_FOLDER: &str = "/data";

/// What is needed of a line of `mountinfo`.
struct Mount<'a> {
    /// The folder of the file system that is mounted.
    root: &'a str,
    point: PathBuf,
    /// The type of the file system.
    kind: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (fields, source) = line.split_once(" - ")?;
        let mut fields = fields.split(' ').skip(3);
        Some(Self {
            root: fields.next()?,
            point: unescape(fields.next()?).into(),
            kind: source.split(' ').next()?,
        })
    }

    /// Docker and Podman give a name of 64 hexadecimal digits to what nobody has named: anonymous
    /// volumes (`…/volumes/<name>/_data`) and, without overlayfs, the layers of containers.
    fn has_generated_name(&self) -> bool {
        let is_given = |name: &str| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
        self.root.split('/').any(is_given)
    }
}

/// `mountinfo` has blanks, tabs, line ends and backslashes as three octal digits. Backslashes come
/// last: one that was replaced would make another escape of the digits behind it.
fn unescape(text: &str) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n")];
    let text = escapes
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("\\134", "\\")
}

impl fmt::Display for Ephemeral {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnonymousVolume(folder) => write!(
                formatter,
                "the database lies on a volume without a name, which `docker run --rm` deletes and \
                 no other container gets: keep it with `-v oc-lettings-data:{}`",
                folder.display()
            ),
            Self::Layer(folder) => write!(
                formatter,
                "the database lies in the container itself and is deleted with it: keep it with \
                 `-v oc-lettings-data:{}`",
                folder.display()
            ),
            Self::Memory => formatter.write_str(
                "the database lies in memory and is gone when the container or the machine stops: \
                 set DATABASE_URL to a file on a disk",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a container of Docker 20.10 has them, shortened.
    const CONTAINER: &str = "\
        500 400 0:50 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l,upperdir=/u\n\
        501 500 0:53 / /proc rw,nosuid - proc proc rw\n\
        503 500 0:54 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k\n\
        504 500 254:1 /var/lib/docker/volumes/VOLUME/_data /data rw,relatime - ext4 /dev/vda1 rw\n";

    const ANONYMOUS: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

    #[track_caller]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is expected is made for this alone"
    )]
    fn check(file: &str, mountinfo: &str, expected: Option<Ephemeral>) {
        assert_eq!(ephemeral(file.as_ref(), mountinfo), expected, "{file}");
    }

    #[test]
    fn a_volume_that_nobody_named_is_told_from_one_with_a_name() {
        let anonymous = CONTAINER.replace("VOLUME", ANONYMOUS);
        let found = Some(Ephemeral::AnonymousVolume("/data".into()));
        check("/data/site.sqlite3", &anonymous, found.clone());
        check("/data/deeper/site.sqlite3", &anonymous, found);
        for name in ["oc-lettings-data", &ANONYMOUS[1..], "deadbeef"] {
            let named = CONTAINER.replace("VOLUME", name);
            check("/data/site.sqlite3", &named, None);
        }
        // A folder of the host, mounted over the volume of the image.
        let hidden = anonymous + "505 504 254:1 /srv/site /data rw - ext4 /dev/vda1 rw\n";
        check("/data/site.sqlite3", &hidden, None);
    }

    #[test]
    fn a_file_within_the_container_goes_with_it() {
        let layer = |folder: &str| Some(Ephemeral::Layer(folder.into()));
        check("/srv/site.sqlite3", CONTAINER, layer("/srv"));
        // Not below the mount, although the texts begin alike.
        check("/database/site.sqlite3", CONTAINER, layer("/database"));
        // Nothing can be mounted over the root.
        check("/site.sqlite3", CONTAINER, layer("/data"));
        let vfs =
            format!("1 0 254:1 /var/lib/docker/vfs/dir/{ANONYMOUS} / rw - ext4 /dev/vda1 rw\n");
        check("/srv/site.sqlite3", &vfs, layer("/srv"));
    }

    #[test]
    fn a_file_in_memory_is_gone_with_it() {
        let memory = Some(Ephemeral::Memory);
        check("/dev/shm/site.sqlite3", CONTAINER, memory.clone());
        let odd = "1 0 0:1 / /my\\040data\\134 rw - tmpfs tmpfs rw\n";
        check("/my data\\/site.sqlite3", odd, memory);
    }

    #[test]
    fn what_cannot_be_told_counts_as_lasting() {
        let host = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n";
        check("/srv/site.sqlite3", host, None);
        for text in ["", "nonsense", "1 2 3 - overlay", "1 2 3 4 - ext4"] {
            check("/srv/site.sqlite3", text, None);
        }
    }
}

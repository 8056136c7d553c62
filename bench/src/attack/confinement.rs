//! A control group with a limit on memory, and the memory that a process in it has used.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use xtask::process;

/// The usual mount of the control groups.
const MOUNT: &str = "/sys/fs/cgroup";

/// The files for memory in one version of the control groups.
struct CgroupVersion {
    folder: &'static str,
    /// The limits: of memory, and of what else would let a process swap.
    limits: [(&'static str, Swap); 2],
    peak: &'static str,
    events: &'static str,
}

/// What a file limits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Swap {
    /// Memory, or memory and swap together.
    Included,
    /// Swap alone, of which there is none.
    Alone,
}

const VERSION_2: CgroupVersion = CgroupVersion {
    folder: "",
    limits: [
        ("memory.max", Swap::Included),
        ("memory.swap.max", Swap::Alone),
    ],
    peak: "memory.peak",
    events: "memory.events",
};

const VERSION_1: CgroupVersion = CgroupVersion {
    folder: "memory",
    limits: [
        ("memory.limit_in_bytes", Swap::Included),
        ("memory.memsw.limit_in_bytes", Swap::Included),
    ],
    peak: "memory.max_usage_in_bytes",
    events: "memory.oom_control",
};

/// A control group; dropping it removes it once its processes have ended.
pub(super) struct Confinement {
    version: &'static CgroupVersion,
    folder: PathBuf,
}

impl Confinement {
    /// Makes a group with this limit. Only root may.
    pub(super) fn new(bytes: u64) -> anyhow::Result<Self> {
        let is_second = Path::new(MOUNT).join("cgroup.controllers").exists();
        let version = if is_second { &VERSION_2 } else { &VERSION_1 };
        let name = format!("oc-lettings-attack-{}", std::process::id());
        let folder = Path::new(MOUNT).join(version.folder).join(name);
        fs::create_dir(&folder)
            .with_context(|| format!("make the control group {}", folder.display()))?;
        let group = Self { version, folder };
        for (file, swap) in version.limits {
            let limit = if swap == Swap::Alone { 0 } else { bytes };
            let path = group.folder.join(file);
            // Not every kernel counts swap. Without swap there is nothing to count.
            if path.exists() {
                fs::write(&path, limit.to_string())
                    .with_context(|| format!("write {}", path.display()))?;
            }
        }
        Ok(group)
    }

    /// Writes a script that enters the group and then executes the program in the same process.
    /// Returns the script's path.
    pub(super) fn enter(&self, program: &str, folder: &Path) -> anyhow::Result<String> {
        let path = folder.join("confined");
        let procs = self.folder.join("cgroup.procs");
        let text = format!(
            "#!/bin/sh\necho $$ > '{}'\nexec '{program}' \"$@\"\n",
            procs.display()
        );
        fs::write(&path, text).context("write the way into the control group")?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        Ok(path.to_string_lossy().into_owned())
    }

    /// The most bytes that the group has used, the files that it read and wrote included.
    pub(super) fn peak_bytes(&self) -> anyhow::Result<u64> {
        let path = self.folder.join(self.version.peak);
        let text = fs::read_to_string(&path).context("read the group's peak")?;
        text.trim().parse().context("the peak is a number")
    }

    /// How many processes the kernel has killed because the group was out of memory.
    pub(super) fn kills(&self) -> anyhow::Result<u64> {
        let path = self.folder.join(self.version.events);
        let text = fs::read_to_string(&path).context("read the group's events")?;
        let line = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        let kills = line.context("the group does not count who was killed")?;
        kills.trim().parse().context("the kills are a number")
    }
}

impl Drop for Confinement {
    fn drop(&mut self) {
        // A group that still has a process stays, and the system's next start removes it.
        let _ = fs::remove_dir(&self.folder);
    }
}

/// Resident memory of a process, in kB: now, and the most since [`forget_peak`].
pub(super) fn resident_kb(id: u32) -> anyhow::Result<[u64; 2]> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).context("the site has ended")?;
    let number = |name: &str| -> anyhow::Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let value = line.with_context(|| format!("{name} is not told"))?;
        value
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .context(status.clone())
    };
    ensure!(number("VmSwap:")? == 0, "the site was swapped out");
    Ok([number("VmRSS:")?, number("VmHWM:")?])
}

/// Makes the kernel count a process's most memory from now on.
pub(super) fn forget_peak(id: u32) -> anyhow::Result<()> {
    fs::write(format!("/proc/{id}/clear_refs"), "5").context("reset the peak of memory")
}

/// Fails if this user may not make such a group.
pub(super) fn check() -> anyhow::Result<()> {
    ensure!(
        process::is_root(),
        "only root may limit a program's memory with a control group"
    );
    Ok(())
}

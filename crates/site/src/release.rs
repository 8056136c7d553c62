//! The version of this build, and what the build was told of where it comes from.

use calendars::fetch::Reach;
use sea_orm::prelude::ChronoDateTimeUtc;

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit of a build that was told none.
pub const UNKNOWN_COMMIT: &str = "unknown";

/// The number of digits that a commit is shown with.
const SHORT_COMMIT: usize = 7;

/// What a build was told: the commit it is made from, and how far it reaches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Build {
    /// The commit, `COMMIT`.
    pub commit: Option<&'static str>,
    /// When it was made, in seconds since 1970: `COMMIT_TIME`.
    pub seconds: Option<&'static str>,
    /// Where the calendars of other sites may lie: elsewhere than on this machine, but for tests.
    pub feed_reach: Reach,
}

impl Build {
    /// The commit, or what stands for one that nobody told.
    pub fn commit(self) -> &'static str {
        self.commit.unwrap_or(UNKNOWN_COMMIT)
    }

    /// The day of the commit, such as `2026-11-29`.
    pub fn date(self) -> Option<String> {
        let time = ChronoDateTimeUtc::from_timestamp(self.seconds?.parse().ok()?, 0)?;
        Some(time.format("%Y-%m-%d").to_string())
    }

    /// The version with the commit and its day, as far as they are known:
    /// `2.0.0 (abc1234 2026-11-29)`.
    pub fn version(self) -> String {
        let commit = self.commit.filter(|commit| *commit != UNKNOWN_COMMIT);
        let commit = commit.map(|commit| commit.chars().take(SHORT_COMMIT).collect());
        let known: Vec<String> = commit.into_iter().chain(self.date()).collect();
        if known.is_empty() {
            VERSION.to_owned()
        } else {
            format!("{VERSION} ({})", known.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_tells_what_the_build_was_told() {
        let version = |commit, seconds| {
            let build = Build {
                commit,
                seconds,
                ..Build::default()
            };
            build.version()
        };
        let commit = Some("abc1234567890abcdef1234567890abcdef12345");
        let seconds = Some("1795910400");
        for (commit, seconds, expected) in [
            (commit, seconds, " (abc1234 2026-11-29)"),
            (commit, None, " (abc1234)"),
            (None, seconds, " (2026-11-29)"),
            // The image's build argument without a value.
            (Some(UNKNOWN_COMMIT), Some(""), ""),
            (None, None, ""),
        ] {
            assert_eq!(version(commit, seconds), format!("{VERSION}{expected}"));
        }
    }
}

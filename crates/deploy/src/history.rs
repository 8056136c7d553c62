//! The deployments of a web application, as Render lists them, and what their statuses mean.

use std::fmt;

use crate::image::Digest;

/// One deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its id, `dep-…`.
    pub id: String,
    /// Its status.
    pub status: Status,
    /// The digest of its image; `None` if Render does not tell it.
    pub digest: Option<Digest>,
    /// When it began, as Render writes it.
    pub created_at: Option<String>,
    /// When it ended, as Render writes it; `None` if it has not.
    pub finished_at: Option<String>,
    /// What started it: `api`, `deploy_hook`, `manual` …
    pub trigger: Option<String>,
}

/// A deployment's status: api-docs.render.com, *List deploys*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// `created`
    Created,
    /// `queued`
    Queued,
    /// `build_in_progress`
    BuildInProgress,
    /// `pre_deploy_in_progress`
    PreDeployInProgress,
    /// `update_in_progress`
    UpdateInProgress,
    /// `live`
    Live,
    /// `deactivated`: it was live and a later one took its place.
    Deactivated,
    /// `build_failed`
    BuildFailed,
    /// `pre_deploy_failed`
    PreDeployFailed,
    /// `update_failed`
    UpdateFailed,
    /// `canceled`
    Canceled,
    /// A word that Render did not use when this was written.
    Unknown(String),
}

/// What a status means for a run that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It may still become live.
    UnderWay,
    /// It answers the site's visitors.
    Live,
    /// It answered visitors until a later one took its place.
    Replaced,
    /// It never becomes live.
    Failed,
}

const STATUSES: [(&str, Status); 11] = [
    ("created", Status::Created),
    ("queued", Status::Queued),
    ("build_in_progress", Status::BuildInProgress),
    ("pre_deploy_in_progress", Status::PreDeployInProgress),
    ("update_in_progress", Status::UpdateInProgress),
    ("live", Status::Live),
    ("deactivated", Status::Deactivated),
    ("build_failed", Status::BuildFailed),
    ("pre_deploy_failed", Status::PreDeployFailed),
    ("update_failed", Status::UpdateFailed),
    ("canceled", Status::Canceled),
];

impl Status {
    /// Reads Render's word.
    pub fn from_word(word: &str) -> Self {
        let known = STATUSES.iter().find(|(known, _)| *known == word);
        known.map_or_else(
            || Self::Unknown(word.to_owned()),
            |(_, status)| status.clone(),
        )
    }
}

impl fmt::Display for Status {
    /// Writes Render's word.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Unknown(word) = self {
            return formatter.write_str(word);
        }
        let word = STATUSES.iter().find(|(_, status)| status == self);
        formatter.write_str(word.map_or("", |(word, _)| word))
    }
}

impl Deployment {
    /// What its status means. A status that is not known leaves it under way until Render says
    /// that it has ended; then it has failed, since it is not live.
    pub fn phase(&self) -> Phase {
        let has_ended = self.finished_at.is_some();
        match self.status {
            Status::Unknown(_) if has_ended => Phase::Failed,
            Status::Unknown(_)
            | Status::Created
            | Status::Queued
            | Status::BuildInProgress
            | Status::PreDeployInProgress
            | Status::UpdateInProgress => Phase::UnderWay,
            Status::Live => Phase::Live,
            Status::Deactivated => Phase::Replaced,
            Status::BuildFailed
            | Status::PreDeployFailed
            | Status::UpdateFailed
            | Status::Canceled => Phase::Failed,
        }
    }

    fn was_live(&self) -> bool {
        matches!(self.phase(), Phase::Live | Phase::Replaced)
    }
}

/// Deployments, the newest first.
#[derive(Debug, Clone, Default)]
pub struct History {
    deployments: Vec<Deployment>,
}

impl History {
    /// Takes deployments in any order.
    pub fn new(mut deployments: Vec<Deployment>) -> Self {
        // Render's times have one form and zone, so that they sort as texts. A deployment without
        // one comes last.
        deployments.sort_by(|a, b| b.created_at.cmp(&a.created_at));
        Self { deployments }
    }

    /// All of them, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Deployment> {
        self.deployments.iter()
    }

    /// The one that answers visitors.
    pub fn live(&self) -> Option<&Deployment> {
        self.iter().find(|one| one.phase() == Phase::Live)
    }

    /// The newest one that may become live.
    pub fn under_way(&self) -> Option<&Deployment> {
        self.iter().find(|one| one.phase() == Phase::UnderWay)
    }

    /// Whether an image was live once.
    pub fn was_live(&self, digest: &Digest) -> bool {
        self.once_live().any(|once_live| once_live == digest)
    }

    /// The image that was live before the present one became live for the first time.
    ///
    /// Not simply the one before: after a bad image was rolled back, that would be the bad one.
    pub fn previous(&self) -> Option<&Digest> {
        let once_live: Vec<_> = self.once_live().collect();
        let first_time = once_live
            .iter()
            .rposition(|digest| *digest == once_live[0])?;
        once_live.get(first_time + 1).copied()
    }

    /// The newest deployment after another one that has not failed: it took its place, or will.
    pub fn newer_than(&self, id: &str) -> Option<&Deployment> {
        let newer = self.iter().take_while(|one| one.id != id);
        newer.into_iter().find(|one| one.phase() != Phase::Failed)
    }

    /// The images that were live, the newest first.
    fn once_live(&self) -> impl Iterator<Item = &Digest> {
        let once_live = self.iter().filter(|one| one.was_live());
        once_live.filter_map(|one| one.digest.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deployments from the newest to the oldest: the image by a letter, the status by a word.
    fn history(deployments: &[(char, &str)]) -> History {
        let count = deployments.len();
        History::new(
            deployments
                .iter()
                .enumerate()
                .map(|(index, (image, word))| Deployment {
                    id: format!("dep-{}", count - index),
                    status: Status::from_word(word),
                    digest: Some(digest(*image)),
                    created_at: Some(format!("2026-11-24T14:{:02}:00Z", count - index)),
                    finished_at: None,
                    trigger: None,
                })
                .collect(),
        )
    }

    fn digest(letter: char) -> Digest {
        let digits = letter.to_string().repeat(64);
        format!("sha256:{digits}").parse().unwrap()
    }

    #[test]
    fn every_word_is_read_and_written() {
        for (word, status) in STATUSES {
            assert_eq!(Status::from_word(word), status);
            assert_eq!(status.to_string(), word);
        }
        assert_eq!(Status::from_word("paused").to_string(), "paused");
    }

    #[test]
    fn every_status_means_something() {
        let phase = |word: &str, finished: Option<&str>| {
            let mut one = history(&[('a', word)]).deployments.remove(0);
            one.finished_at = finished.map(str::to_owned);
            one.phase()
        };
        let end = Some("2026-11-24T14:00:00Z");
        for (word, finished, expected) in [
            ("created", None, Phase::UnderWay),
            ("queued", None, Phase::UnderWay),
            ("build_in_progress", None, Phase::UnderWay),
            ("pre_deploy_in_progress", None, Phase::UnderWay),
            ("update_in_progress", None, Phase::UnderWay),
            ("live", end, Phase::Live),
            ("deactivated", end, Phase::Replaced),
            ("build_failed", end, Phase::Failed),
            ("pre_deploy_failed", end, Phase::Failed),
            ("update_failed", end, Phase::Failed),
            ("canceled", end, Phase::Failed),
            ("paused", None, Phase::UnderWay),
            ("vanished", end, Phase::Failed),
        ] {
            assert_eq!(phase(word, finished), expected, "{word}");
        }
    }

    #[test]
    fn the_previous_image_is_no_bad_one() {
        const LIVE: &str = "live";
        const WAS: &str = "deactivated";
        for (deployments, expected) in [
            (&[][..], None),
            (&[('a', LIVE)], None),
            (&[('a', LIVE), ('a', WAS)], None),
            (&[('b', LIVE), ('a', WAS)], Some('a')),
            (
                &[('b', LIVE), ('c', "update_failed"), ('a', WAS)],
                Some('a'),
            ),
            (&[('b', LIVE), ('b', WAS), ('a', WAS)], Some('a')),
            // `b` was bad and rolled back: the image before `a` is meant.
            (
                &[('a', LIVE), ('b', WAS), ('a', WAS), ('c', WAS)],
                Some('c'),
            ),
            (&[('a', LIVE), ('b', WAS), ('a', WAS)], None),
            // The next good one after that.
            (
                &[('d', LIVE), ('a', WAS), ('b', WAS), ('a', WAS)],
                Some('a'),
            ),
            // Nothing is live: the last that was counts as present.
            (&[('b', WAS), ('a', WAS)], Some('a')),
            (&[('b', "canceled")], None),
        ] {
            let history = history(deployments);
            let expected = expected.map(digest);
            assert_eq!(history.previous(), expected.as_ref(), "{deployments:?}");
        }
    }

    #[test]
    fn what_took_a_deployments_place_is_newer_and_did_not_fail() {
        let history = history(&[
            ('d', "canceled"),
            ('c', "update_in_progress"),
            ('b', "deactivated"),
            ('a', "deactivated"),
        ]);
        let newer = |id: &str| history.newer_than(id).map(|one| one.id.as_str());
        assert_eq!(newer("dep-2"), Some("dep-3"));
        assert_eq!(newer("dep-3"), None);
        assert_eq!(newer("dep-4"), None);
        assert_eq!(history.under_way().unwrap().id, "dep-3");
        assert!(history.live().is_none());
        assert!(history.was_live(&digest('a')) && !history.was_live(&digest('c')));
    }

    #[test]
    fn the_order_is_that_of_time() {
        let mut deployments = history(&[('b', "live"), ('a', "deactivated")]).deployments;
        deployments.reverse();
        let ids: Vec<_> = History::new(deployments)
            .iter()
            .map(|one| one.id.clone())
            .collect();
        assert_eq!(ids, ["dep-2", "dep-1"]);
    }
}

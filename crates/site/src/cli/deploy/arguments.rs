//! The arguments of the subcommands of `deploy`.

use ::deploy::image::{Commit, Digest, Image};

/// Deploys an image, and rolls back to the one before if it fails.
///
/// You can run the same command again at any time: it continues what an interrupted run has left.
/// An image that the registry does not have is refused. So is an image whose commit is older than
/// the live one, unless that image was live before. The order of commits is read from the git
/// repository in the working directory. Without a repository it is not checked.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    oc-lettings deploy run --image docker.io/ann/site@sha256:… --commit $(git rev-parse HEAD)")]
pub(super) struct RunArgs {
    /// The image with its digest. A tag alone is refused.
    #[arg(long, value_name = "NAME@sha256:…")]
    pub(super) image: Image,
    /// The commit that the image was built from. Its order is checked, and the site has to report
    /// it.
    #[arg(long, value_name = "SHA")]
    pub(super) commit: Option<Commit>,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

/// Shows what is live, what was live before, and which deployment is under way.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings deploy status")]
pub(super) struct StatusArgs {
    /// The address of the site, if it is not the one that Render reports.
    #[arg(long)]
    pub(super) url: Option<String>,
}

/// Rolls back to an image that was live before.
///
/// `previous` is the image that was live before the present one was first deployed. It is never an
/// image that failed and was rolled back in between. A deploy hook alone does not know the history:
/// then --to takes a name with its digest, and --commit is required.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings deploy rollback\n  \
    oc-lettings deploy rollback --to sha256:…")]
pub(super) struct RollbackArgs {
    /// What to roll back to: `previous`, the digest of an image that was live, or a name with its
    /// digest.
    #[arg(long, value_name = "DIGEST", default_value = "previous")]
    pub(super) to: RollbackTarget,
    /// The commit that the site has to report afterwards.
    #[arg(long, value_name = "SHA")]
    pub(super) commit: Option<Commit>,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct SharedArgs {
    /// The address of the site, if it is not the one that Render reports.
    #[arg(long)]
    pub(super) url: Option<String>,
    /// Print what would be done, and do nothing.
    #[arg(long, short = 'n')]
    pub(super) dry_run: bool,
}

/// Verifies a site from outside: its commit, its pages, a static file, headers and an error page.
///
/// A site that is asleep first gets two minutes to wake up.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    oc-lettings deploy verify https://site.onrender.com --commit $(git rev-parse HEAD)")]
pub(super) struct VerifyArgs {
    /// The address of the site.
    pub(super) url: String,
    /// The commit that the site has to report.
    #[arg(long, value_name = "SHA")]
    pub(super) commit: Commit,
    /// For how many seconds to repeat the checks that fail.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(super) wait: u16,
}

/// What to roll back to.
#[derive(Debug, Clone)]
pub(super) enum RollbackTarget {
    Previous,
    Digest(Digest),
    Image(Image),
}

impl std::str::FromStr for RollbackTarget {
    type Err = ::deploy::image::NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "previous" => Ok(Self::Previous),
            text if text.contains('@') => text.parse().map(Self::Image),
            text => text.parse().map(Self::Digest),
        }
    }
}

//! What is asked for on the command line.

use ::deploy::image::{Commit, Digest, Image};

/// Puts an image live, and what was live before back when it is not good.
///
/// The same command may be given again at any time: it takes up what an interrupted one has left.
/// An image that the registry does not have is refused, and one whose commit is older than the live
/// one, unless it was live before. git tells the order of commits, in the working directory; where
/// there is no repository the order is not checked.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    oc-lettings deploy run --image docker.io/ann/site@sha256:… --commit $(git rev-parse HEAD)")]
pub(super) struct RunArgs {
    /// The image by its digest; a tag alone is refused.
    #[arg(long, value_name = "NAME@sha256:…")]
    pub(super) image: Image,
    /// The commit it was built from: the order is checked, and that the site answers with it.
    #[arg(long, value_name = "SHA")]
    pub(super) commit: Option<Commit>,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

/// Tells what is live, what was, and what is under way.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings deploy status")]
pub(super) struct StatusArgs {
    /// Where the site is, when it is not where Render says.
    #[arg(long)]
    pub(super) url: Option<String>,
}

/// Puts live what was live before.
///
/// `previous` is what was live before the present image was put live for the first time: never a
/// bad one that was rolled back meanwhile. With a deploy hook alone, which knows no history, --to
/// takes name and digest, and --commit is needed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oc-lettings deploy rollback\n  \
    oc-lettings deploy rollback --to sha256:…")]
pub(super) struct RollbackArgs {
    /// `previous`, a digest that was live, or a name with its digest.
    #[arg(long, value_name = "DIGEST", default_value = "previous")]
    pub(super) to: To,
    /// The commit that the site has to answer with.
    #[arg(long, value_name = "SHA")]
    pub(super) commit: Option<Commit>,
    #[command(flatten)]
    pub(super) shared: SharedArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct SharedArgs {
    /// Where the site is, when it is not where Render says.
    #[arg(long)]
    pub(super) url: Option<String>,
    /// Say what would be done, and do nothing.
    #[arg(long, short = 'n')]
    pub(super) dry_run: bool,
}

/// Looks at a site from outside: commit, pages, a static file, headers, an error.
///
/// A site that is asleep has two minutes to wake up first.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  \
    oc-lettings deploy verify https://site.onrender.com --commit $(git rev-parse HEAD)")]
pub(super) struct VerifyArgs {
    /// Where the site is.
    pub(super) url: String,
    /// The commit that it has to answer with.
    #[arg(long, value_name = "SHA")]
    pub(super) commit: Commit,
    /// How long to look again at what is not right yet.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(super) wait: u16,
}

/// Where a roll-back leads.
#[derive(Debug, Clone)]
pub(super) enum To {
    Previous,
    Digest(Digest),
    Image(Image),
}

impl std::str::FromStr for To {
    type Err = ::deploy::image::NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "previous" => Ok(Self::Previous),
            text if text.contains('@') => text.parse().map(Self::Image),
            text => text.parse().map(Self::Digest),
        }
    }
}

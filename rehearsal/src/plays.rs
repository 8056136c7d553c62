//! The plays: pushes, good releases and bad ones, and rollbacks.

use anyhow::ensure;
use xtask::{output, process, version};

use crate::load::Load;
use crate::registry::Mode;
use crate::stage::Stage;
use crate::table::Table;
use crate::{advice, guide, image, instances, jobs, overrides, photos, random, scan};

/// The names of the plays that can be played alone.
pub(super) const INSTANCES: &str = "three instances behind an nginx";
pub(super) const PHOTOS: &str = "the image: photos of 12 megapixels, 256 MB";

/// The jobs of a push that is about the deployment only: the pushes before have run the tests.
const DEPLOYING: &[&str] = &["build", "deploy"];

/// Runs all plays in their order. It ends early if a play fails that the others need.
pub(super) fn play_all(mut stage: Stage, table: &mut Table) -> anyhow::Result<()> {
    let verdict = play_on(&mut stage, table);
    output::line(&overrides::with_times(&stage.times.borrow())?);
    verdict
}

fn play_on(stage: &mut Stage, table: &mut Table) -> anyhow::Result<()> {
    table.play("the jobs of every event", || {
        jobs::compare(&stage.runner, &stage.clone)
    });
    table.play("push to main: a warning that nothing is live", || {
        warn_on_main(stage)
    });
    if !table.play("from a clone to master, by the guide", || {
        come_to_master(stage)
    }) {
        return Ok(());
    }
    table.play("advice where something is missing", || advice::play(stage));
    let marker = random::word()?;
    let first = stage.clone.head()?;
    let name = format!("{}:{first}", stage.registry.image());
    let make = stage.make_environment();
    if !table.play("make image", || image::build(&stage.clone, &make, &marker)) {
        return Ok(());
    }
    table.play("the image: size, contents, no secret", || {
        image::inspect(&stage.engine, &name, &marker)
    });
    table.play("the image: read-only, no capabilities, 64 MB", || {
        image::run_confined(&stage.engine, &stage.clone, &name)
    });
    table.play(PHOTOS, || {
        photos::play_image(&stage.engine, &stage.clone, &name)
    });
    table.play("the image: docker run as everybody types it", || {
        image::run_literally(&stage.engine, &stage.clone, &name)
    });
    table.play("push to master that is badly formatted", || {
        push_unformatted(stage)
    });
    if !table.play("push to master: live", || push_first(stage)) {
        return Ok(());
    }
    table.play("the scan: sees what the program is made of", || {
        scan::inventory(&stage.clone)
    });
    table.play("the scan: red for an advisory", || {
        scan::find_planted(stage)
    });
    table.play(INSTANCES, || {
        instances::play(&stage.clone.folder.join("target/image/oc-lettings"))
    });
    let first_digest = stage.digest()?;
    let late = stage.commit_image("of a commit that is overtaken", &name)?;
    if !table.play("push to master under load", || push_under_load(stage)) {
        return Ok(());
    }
    let second = stage.clone.head()?;
    let second_digest = stage.digest()?;
    table.play("the commands of the guide", || play_guide(stage, &first));
    table.play("retry of the job deploy", || {
        retry(stage, &second, &second_digest)
    });
    table.play("retry of the job of an older commit", || {
        retry(stage, &first, &first_digest)
    });
    table.play("the newest again", || retry(stage, &second, &second_digest));
    table.play("the job rollback", || roll_back(stage, &first));
    table.play("and forward", || retry(stage, &second, &second_digest));
    table.play("a pipeline that finishes late", || {
        finish_late(stage, &late, &second)
    });
    play_bad_releases(stage, table)
}

fn play_bad_releases(stage: &mut Stage, table: &mut Table) -> anyhow::Result<()> {
    let good = stage.clone.head()?;
    let base = format!("{}:{good}", stage.registry.image());
    for bad in &BAD_RELEASES {
        table.play(bad.name, || play_bad(stage, bad, &base, &good));
        stage.clone.git(&["reset", "--quiet", "--hard", &good])?;
    }
    table.play("a registry that refuses the push", || {
        push_refused(stage, &good)
    });
    stage.clone.git(&["reset", "--quiet", "--hard", &good])?;
    Ok(())
}

/// The project as it is delivered: the default branch is `main`, and the pipeline warns that
/// nothing is live.
fn warn_on_main(stage: &Stage) -> anyhow::Result<String> {
    let pipeline = stage.play(&["not-live"])?;
    pipeline.expect_green()?;
    let warned = pipeline.jobs("WARN");
    ensure!(warned == ["not-live"], "warned have {warned:?}");
    Ok(pipeline
        .line_with("Nothing is built or deployed")?
        .to_owned())
}

/// Step 0 of the guide, with a bare repository in the place of an empty project on GitLab.
fn come_to_master(stage: &Stage) -> anyhow::Result<String> {
    let head = stage.clone.head()?;
    let project = stage.project.to_string_lossy();
    let init = [
        "init",
        "--quiet",
        "--bare",
        "--initial-branch=main",
        &project,
    ];
    process::read(&mut process::command("git", &init))?;
    let mut environment = stage.make_environment();
    environment.insert("PROJECT".to_owned(), project.to_string());
    let seen = guide::run_step_zero(&stage.clone, &environment)?;
    let branches = [
        "--git-dir",
        &project,
        "for-each-ref",
        "--format=%(refname) %(objectname)",
    ];
    let branches = process::read(&mut process::command("git", &branches))?;
    ensure!(
        branches.trim() == format!("refs/heads/master {head}"),
        "the project has:\n{branches}"
    );
    let branch = stage.clone.git(&["branch", "--show-current"])?;
    ensure!(branch == "master", "the clone is on {branch}");
    // GitLab makes the first branch of a project its default.
    stage.clone.set_default_branch("master")?;
    Ok(seen)
}

/// A push that fails the tests is not built.
fn push_unformatted(stage: &Stage) -> anyhow::Result<String> {
    let good = stage.clone.head()?;
    let path = "crates/site/src/main.rs";
    let text = stage.clone.read(path)?.replace("fn main()", "fn  main()");
    stage.clone.commit(path, &text)?;
    let pipeline = stage.play(&["lint", "build", "deploy"]);
    stage.clone.git(&["reset", "--quiet", "--hard", &good])?;
    let pipeline = pipeline?;
    ensure!(!pipeline.is_green, "the pipeline is green");
    ensure!(
        pipeline.jobs("FAIL") == ["lint"],
        "red are {:?}",
        pipeline.jobs("FAIL")
    );
    let passed = pipeline.jobs("PASS");
    ensure!(
        !passed.contains(&"build") && !passed.contains(&"deploy"),
        "{passed:?} ran"
    );
    Ok("lint is red, nothing is built".to_owned())
}

fn push_first(stage: &Stage) -> anyhow::Result<String> {
    let pipeline = stage.play(&[])?;
    pipeline.expect_green()?;
    let commit = stage.clone.head()?;
    stage.expect_live(&commit)?;
    let jobs = pipeline.jobs("PASS").len();
    Ok(format!(
        "{} s from the push, {jobs} jobs",
        pipeline.took.as_secs()
    ))
}

fn push_under_load(stage: &Stage) -> anyhow::Result<String> {
    let first = ["checkout", "--quiet", "HEAD~1", "--", "Dockerfile"];
    stage.clone.git(&first)?;
    // The change is in no source, so that only the link for the new commit is made again.
    let path = "README.md";
    let text = stage.clone.read(path)? + "\nThe second release.\n";
    let commit = stage.clone.commit(path, &text)?;
    let load = Load::start(stage.platform.site_port())?;
    let pipeline = stage.play(DEPLOYING)?;
    let count = load.stop()?;
    pipeline.expect_green()?;
    stage.expect_live(&commit)?;
    ensure!(count.requests > 0, "there was no load");
    ensure!(
        count.failed == 0,
        "{} of {} requests failed",
        count.failed,
        count.requests
    );
    let switch = stage.platform.deployment_time().unwrap_or_default();
    Ok(format!(
        "{} s from the push, {:.1} s from the order; {} of {} requests failed",
        pipeline.took.as_secs(),
        switch.as_secs_f64(),
        count.failed,
        count.requests
    ))
}

fn play_guide(stage: &Stage, first: &str) -> anyhow::Result<String> {
    let mut environment = stage.make_environment();
    let program = stage.clone.folder.join("target/image");
    let path = format!("{}:{}", program.display(), environment["PATH"]);
    environment.insert("PATH".to_owned(), path);
    environment.insert("OC_LETTINGS".to_owned(), "oc-lettings".to_owned());
    environment.insert("DATABASE_URL".to_owned(), stage.database_url.clone());
    // The same arguments as `make` sets itself, so that the build comes from the cache.
    let commit = stage.clone.head()?;
    let time = stage.clone.git(&["log", "-1", "--format=%ct"])?;
    let version = version::of_program(&stage.clone.folder)?;
    let options = format!(
        "--network host --build-arg COMMIT={commit} --build-arg SOURCE_DATE_EPOCH={time} \
         --build-arg VERSION={version}"
    );
    environment.insert("BUILD_OPTIONS".to_owned(), options);
    let seen = guide::run(&stage.clone, &environment)?;
    // The guide to Render ends with a rollback.
    stage.expect_live(first)?;
    Ok(seen)
}

/// Runs the job `deploy` of an earlier pipeline again, as its button in GitLab does.
fn retry(stage: &Stage, commit: &str, digest: &str) -> anyhow::Result<String> {
    let pipeline = stage.retry("deploy", commit, digest)?;
    pipeline.expect_green()?;
    stage.expect_live(commit)?;
    Ok(format!("{commit:.8} is live again"))
}

fn roll_back(stage: &Stage, expected: &str) -> anyhow::Result<String> {
    let (commit, digest) = (stage.clone.head()?, stage.digest()?);
    let pipeline = stage.retry("rollback", &commit, &digest)?;
    pipeline.expect_green()?;
    stage.expect_live(expected)?;
    Ok(format!("{expected:.8} is live again"))
}

/// A pipeline that a newer one has overtaken must not take the site back.
fn finish_late(stage: &Stage, late: &str, live: &str) -> anyhow::Result<String> {
    stage.clone.git(&["reset", "--quiet", "--hard", late])?;
    let pipeline = stage.play(DEPLOYING);
    stage.clone.git(&["reset", "--quiet", "--hard", live])?;
    let pipeline = pipeline?;
    let red = pipeline.jobs("FAIL");
    ensure!(red == ["deploy"], "red are {red:?}\n{}", pipeline.output);
    let cause = pipeline.line_with("older")?;
    stage.expect_live(live)?;
    Ok(format!("deploy is red: {cause}"))
}

/// A release that is bad by its command or its environment.
struct BadRelease {
    name: &'static str,
    /// The line that is added to the Dockerfile of a good image.
    dockerfile: &'static str,
    /// A word that the pipeline must say.
    cause: &'static str,
}

const BAD_RELEASES: [BadRelease; 4] = [
    BadRelease {
        name: "a release that ends at its start",
        dockerfile: "CMD [\"serve\", \"--no-such-option\"]",
        cause: "update_failed",
    },
    BadRelease {
        name: "a release that nobody can reach",
        dockerfile: "CMD [\"serve\", \"--bind\", \"127.0.0.1:10000\"]",
        cause: "update_failed",
    },
    BadRelease {
        name: "a release whose migration fails",
        // Without a schema on the search path, no table can be found or made.
        dockerfile: "ENV PGOPTIONS=\"-c search_path=nowhere\"",
        cause: "update_failed",
    },
    BadRelease {
        name: "a release that tells another commit",
        dockerfile: "LABEL rehearsal=\"of another commit\"",
        cause: "commit",
    },
];

fn play_bad(stage: &Stage, bad: &BadRelease, base: &str, good: &str) -> anyhow::Result<String> {
    stage
        .clone
        .commit("Dockerfile", &format!("FROM {base}\n{}\n", bad.dockerfile))?;
    stage.platform.take_log();
    let pipeline = stage.play(DEPLOYING)?;
    ensure!(!pipeline.is_green, "the pipeline is green");
    let red = pipeline.jobs("FAIL");
    ensure!(red == ["deploy"], "red are {red:?}\n{}", pipeline.output);
    pipeline.line_with(bad.cause)?;
    stage.expect_live(good)?;
    Ok(format!(
        "deploy is red; {}",
        stage.platform.take_log().join("; ")
    ))
}

fn push_refused(stage: &mut Stage, good: &str) -> anyhow::Result<String> {
    let base = format!("{}:{good}", stage.registry.image());
    stage.commit_image("that is refused", &base)?;
    stage.registry.set_mode(Mode::ReadOnly)?;
    let pipeline = stage.play(DEPLOYING);
    stage.registry.set_mode(Mode::Open)?;
    let pipeline = pipeline?;
    let red = pipeline.jobs("FAIL");
    ensure!(red == ["build"], "red are {red:?}\n{}", pipeline.output);
    stage.expect_live(good)?;
    // This is the answer of Debian's registry; Docker Hub's would be `denied`.
    let cause = pipeline.line_with("HTTP 405")?;
    Ok(format!("build is red: {cause}"))
}

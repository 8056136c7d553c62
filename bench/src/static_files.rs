//! Static files of three sizes from four servers: ours, nginx, WhiteNoise in Django under
//! Gunicorn, and hyper alone, which shows how low ours could get.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use xtask::process;

use crate::load::{Load, MeasuredServer, SECONDS, WRK, median};
use crate::peers::{hyper, nginx, ours, site, whitenoise};
use crate::report::Report;

const SIZES: [(&str, usize); 3] = [("1k", 1024), ("34k", 34 * 1024), ("1m", 1024 * 1024)];
/// The codings as a client names them, with the suffix of the collected file.
const CODINGS: [(&str, &str); 2] = [("identity", ""), ("gzip", ".gz")];
/// Odd, so that one of them is the median.
const ROUNDS: usize = 5;

/// Measures a program beside its peers, all on the same collected folder.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let wrk = process::find("wrk").context("wrk was not found: apt-get install wrk")?;
    let bare = process::build(&["--release", "--package", "server", "--example", "bare"])?;
    let folder = tempfile::tempdir().context("make a folder for the site")?;
    let folder = folder.path();
    collect(program, folder)?;
    let servers = [ours(program, folder)?, nginx(folder)?, whitenoise(folder)?];
    report.line("");
    report.line(&format!(
        "wrk {} -d{SECONDS}s, {ROUNDS} rounds in turn; us: user and system time of all processes \
         of the server, a request; others: what neither the server nor wrk used, in percent of \
         one processor",
        WRK.join(" ")
    ));
    let mut medians = Vec::new();
    for (size, _) in SIZES {
        for (coding, suffix) in CODINGS {
            let file = folder.join(format!("staticfiles/{size}.css{suffix}"));
            let hyper = hyper(&bare, &file)?;
            let servers: Vec<_> = servers.iter().chain([&hyper]).collect();
            let loads = measure_in_turn(&servers, &wrk, (size, coding), report)?;
            medians.push(summary(size, coding, &loads));
        }
    }
    report.line("");
    report.line("medians; hyper alone sends no header but the length and the date:");
    for line in medians {
        report.line(&line);
    }
    Ok(())
}

/// The runs of each server.
fn measure_in_turn(
    servers: &[&MeasuredServer],
    wrk: &Path,
    (size, coding): (&str, &str),
    report: &mut Report,
) -> anyhow::Result<Vec<Vec<Load>>> {
    let mut loads = vec![Vec::new(); servers.len()];
    for _ in 0..ROUNDS {
        for (server, loads) in servers.iter().zip(&mut loads) {
            let load = server.load(wrk, &format!("/static/{size}.css"), coding)?;
            report.line(&format!(
                "{size:>4} {coding:<8} {:<10} {:>8.0}/s  p99 {:>8.2} ms {:>8.2} us  others {:>3.0} %",
                server.name,
                load.requests_per_second,
                load.p99_us / 1e3,
                load.processor_us,
                load.others_percent,
            ));
            loads.push(load);
        }
    }
    Ok(loads)
}

fn summary(size: &str, coding: &str, loads: &[Vec<Load>]) -> String {
    let [ours, nginx, whitenoise, hyper] = [0, 1, 2, 3].map(|server| {
        let runs = loads.get(server).map(Vec::as_slice).unwrap_or_default();
        (
            median(runs.iter().map(|run| run.processor_us)),
            median(runs.iter().map(|run| run.p99_us)),
        )
    });
    format!(
        "{size:>4} {coding:<8} ours {:.2} us, nginx {:.2}, whitenoise {:.0}, hyper {:.2}; ours is \
         {:.2} of nginx, whitenoise {:.0} times ours; p99 {:.2} ms, {:.2} of nginx",
        ours.0,
        nginx.0,
        whitenoise.0,
        hyper.0,
        ours.0 / nginx.0,
        whitenoise.0 / ours.0,
        ours.1 / 1e3,
        ours.1 / nginx.1,
    )
}

/// Collects compressible files, the same at each run.
fn collect(program: &str, folder: &Path) -> anyhow::Result<()> {
    fs::create_dir(folder.join("sources"))?;
    for (name, length) in SIZES {
        let mut text = String::new();
        let mut number: u32 = 1;
        while text.len() < length {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text += &format!(
                ".item-{} {{ margin: {}px; color: #{:06x} }}\n",
                number >> 22,
                number >> 25,
                number >> 8
            );
        }
        fs::write(folder.join(format!("sources/{name}.css")), text)?;
    }
    process::read(site(program, folder).args(["collectstatic", "--noinput"])).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_disturbed_run_does_not_move_the_median() {
        assert!((median([9.0, 900.0, 10.0, 8.0, 11.0].into_iter()) - 10.0).abs() < 1e-9);
        assert!(median(std::iter::empty()).is_nan());
    }
}

//! Two thousand mixed files, collected by ours and by Django with WhiteNoise's storage.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::Context as _;
use xtask::process;

use crate::peers::{django_project, site};
use crate::processor;
use crate::report::Report;

/// Odd, so that one of them is the median.
const ROUNDS: usize = 3;

/// The kinds of files, with their number and their average length in bytes.
const KINDS: [(&str, usize, usize); 7] = [
    ("css", 300, 6_000),
    ("js", 500, 8_000),
    ("svg", 300, 3_000),
    ("png", 500, 16_000),
    ("woff2", 100, 16_000),
    ("txt", 200, 4_000),
    ("js.map", 100, 15_000),
];

/// Measures both, in turn, each into an empty folder.
pub(crate) fn measure(program: &str, report: &mut Report) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("make a folder for the files")?;
    let folder = folder.path();
    let (files, bytes) = write_sources(&folder.join("sources"))?;
    report.line("");
    report.line(&format!(
        "{files} files, {} MB, {ROUNDS} rounds in turn, each into an empty folder; ours makes \
         brotli, zstd and gzip, Django with WhiteNoise's storage brotli and gzip",
        bytes / 1_000_000
    ));
    let mut runs = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS {
        for (index, name) in ["ours", "django"].into_iter().enumerate() {
            let root = folder.join(format!("{name}-{round}"));
            let run = Measurement::measure(&mut match index {
                0 => ours(program, folder, &root),
                _ => django(folder, &root)?,
            })?;
            report.line(&run.line(name));
            runs[index].push(run);
        }
    }
    let again = folder.join("ours-0");
    let second = Measurement::measure(&mut ours(program, folder, &again))?;
    report.line(&second.line("ours, again into the same folder"));
    let [ours, django] = runs.map(|mut runs| {
        runs.sort_by(|a, b| a.wall_seconds.total_cmp(&b.wall_seconds));
        runs[ROUNDS / 2]
    });
    report.line(&format!(
        "by the median: ours takes {:.2} of Django's time and {:.2} of its processor time",
        ours.wall_seconds / django.wall_seconds,
        ours.processor_seconds / django.processor_seconds
    ));
    Ok(())
}

#[derive(Debug, Clone, Copy)]
struct Measurement {
    wall_seconds: f64,
    processor_seconds: f64,
    others_percent: f64,
}

impl Measurement {
    fn measure(command: &mut Command) -> anyhow::Result<Self> {
        let machine_before = processor::seconds_of_machine();
        let before = processor::seconds_of_ended_children();
        let started = Instant::now();
        process::read(command)?;
        let wall_seconds = started.elapsed().as_secs_f64();
        let processor_seconds = processor::seconds_of_ended_children() - before;
        let machine = processor::seconds_of_machine() - machine_before;
        Ok(Self {
            wall_seconds,
            processor_seconds,
            others_percent: (machine - processor_seconds).max(0.0) * 100.0 / wall_seconds,
        })
    }

    fn line(&self, name: &str) -> String {
        format!(
            "{name:<8} {:>7.2} s, {:>7.2} s of processor; others {:.0} % of one processor",
            self.wall_seconds, self.processor_seconds, self.others_percent
        )
    }
}

fn ours(program: &str, folder: &Path, root: &Path) -> Command {
    let mut command = site(program, folder);
    command
        .env("STATIC_ROOT", root)
        .args(["collectstatic", "--noinput"]);
    command
}

fn django(folder: &Path, root: &Path) -> anyhow::Result<Command> {
    let mut command = django_project(root)?;
    command
        .env("STATICFILES_DIRS", folder.join("sources"))
        .args(["-m", "django", "collectstatic", "--noinput"]);
    Ok(command)
}

/// Writes the sources, the same at each run. Returns their number and their bytes.
fn write_sources(folder: &Path) -> anyhow::Result<(usize, usize)> {
    let mut numbers = NumberGenerator(1);
    let (mut files, mut bytes) = (0, 0);
    for (kind, count, length) in KINDS {
        for index in 0..count {
            let path = folder.join(path_of(kind, index));
            let content = content(kind, index, numbers.around(length), &mut numbers);
            let parent = path.parent().unwrap_or(folder);
            fs::create_dir_all(parent).context("make a folder of sources")?;
            files += 1;
            bytes += content.len();
            fs::write(path, content).context("write a source")?;
        }
    }
    Ok((files, bytes))
}

/// The path of a file, twenty to a folder.
fn path_of(kind: &str, index: usize) -> PathBuf {
    let folder = match kind {
        "png" | "svg" => "img",
        "js.map" => "js",
        other => other,
    };
    let part = index / 20;
    format!("{folder}/{part}/file-{index}.{kind}").into()
}

/// The content of a file. Every style sheet refers to a picture and a font, and every other one to
/// its neighbour; every other script to its neighbour, and some to their map. Django 5.2 can handle
/// one import a file.
fn content(kind: &str, index: usize, length: usize, numbers: &mut NumberGenerator) -> Vec<u8> {
    let mut text = match kind {
        "png" | "woff2" => return numbers.bytes(length),
        "css" => {
            let (picture, font) = (index % 500, index % 100);
            let import = match index % 2 {
                1 => format!("@import url(\"file-{}.css\");\n", index - 1),
                _ => String::new(),
            };
            format!(
                "{import}@font-face {{ font-family: Book; \
                 src: url(../../woff2/{}/file-{font}.woff2) format('woff2') }}\n\
                 .cover {{ background: url(../../img/{}/file-{picture}.png?v=1#x) }}\n",
                font / 20,
                picture / 20,
            )
        }
        "js" if index % 2 == 1 => format!("import {{ turn }} from \"./file-{}.js\";\n", index - 1),
        "svg" => "<svg xmlns=\"http://www.w3.org/2000/svg\">\n".to_owned(),
        "js.map" => "{\"version\":3,\"mappings\":\"".to_owned(),
        _ => String::new(),
    };
    while text.len() < length {
        text += &line(kind, numbers);
    }
    match kind {
        "svg" => text += "</svg>\n",
        "js.map" => text += "\"}\n",
        "js" if index < 100 => text += &format!("//# sourceMappingURL=file-{index}.js.map\n"),
        _ => {}
    }
    text.into_bytes()
}

/// A line that is as compressible as what people write.
fn line(kind: &str, numbers: &mut NumberGenerator) -> String {
    const WORDS: [&str; 16] = [
        "book", "shelf", "page", "turn", "reader", "margin", "cover", "index", "title", "author",
        "spine", "library", "chapter", "paper", "ink", "quill",
    ];
    let mut word = || WORDS[numbers.next() as usize % WORDS.len()];
    let (one, two, three) = (word(), word(), word());
    let (a, b) = (numbers.next() % 1000, numbers.next() % 0x0100_0000);
    match kind {
        "css" => format!(".{one}-{two}-{a} > .{three} {{ margin: {a}px; color: #{b:06x} }}\n"),
        "js" => format!(
            "export function {one}_{two}_{a}({three}) {{ return {three}.{one} + {b} /* {two} */; }}\n"
        ),
        "svg" => format!("<path id=\"{one}{a}\" d=\"M{a} {b}L{b} {a}z\"/>\n"),
        "js.map" => format!("{one}A{a},{two}C{b};"),
        _ => format!("The {one} of the {two} is {a} {three}s from here.\n"),
    }
}

/// Numbers without a pattern, the same at each run (a linear congruential generator).
struct NumberGenerator(u64);

impl NumberGenerator {
    fn next(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap_or_default()
    }

    /// Between a half and one and a half of a length.
    fn around(&mut self, length: usize) -> usize {
        length / 2 + self.next() as usize % length
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.next().to_le_bytes()[2])
            .take(length)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_two_thousand_files_and_all_references_lead_to_one() {
        let folder = tempfile::tempdir().unwrap();
        let (files, bytes) = write_sources(folder.path()).unwrap();
        assert_eq!(files, 2000);
        assert!(bytes > 15_000_000, "{bytes}");
        for index in 0..300 {
            let name = path_of("css", index);
            let text = fs::read_to_string(folder.path().join(&name)).unwrap();
            for rest in text.split("url(").skip(1) {
                let address = rest.split([')', '?']).next().unwrap().trim_matches('"');
                let target = folder.path().join(&name).parent().unwrap().join(address);
                assert!(target.is_file(), "{} in {}", address, name.display());
            }
        }
    }

    #[test]
    fn the_files_are_the_same_each_time() {
        let make = || content("js", 1, 500, &mut NumberGenerator(7));
        assert_eq!(make(), make());
        assert!(make().starts_with(b"import { turn } from \"./file-0.js\";\nexport function "));
    }
}

//! Measures what is made of photos: bytes at equal quality beside `cwebp` and `cjpeg` (Debian's `webp`
//! and `libjpeg-turbo-progs`), and the time and memory that a photo takes. The raw output is kept in
//! `bench/runs/`. Scores are SSIMULACRA 2's; bytes at a score are interpolated between the two
//! qualities next to it, for each encoder alike.
//!
//! ```console
//! cargo run --release -p pictures --features photo-score --example photos
//! ```

mod scenes;

use std::fs::{self, File};
use std::io::{self, Cursor, Read as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use pictures::photo::{self, MediaType, Raster};

/// The sizes at which encoders are compared.
const SIZES: [(u32, u32); 2] = [(960, 640), (1920, 1280)];

/// The sizes of the photos whose time and memory are measured: 12 and 48 megapixels.
const PHOTOS: [(u32, u32); 3] = [(4000, 3000), (3000, 4000), (8000, 6000)];

/// How many times the range of qualities is halved.
const HALVINGS: usize = 7;

#[expect(clippy::print_stdout, reason = "the report")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = tempfile::tempdir().expect("a folder");
    match arguments.as_slice() {
        [] => {
            compare_encoders(folder.path());
            measure_photos(folder.path());
        }
        [one, file] if one == "one" => measure_one(file),
        [worker] if worker == "worker" => {
            return match photo::worker::run(io::stdin(), io::stdout()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            };
        }
        _ => println!("There are no arguments but those this program gives itself."),
    }
    ExitCode::SUCCESS
}

/// An encoder: makes a file at a quality.
type Encoder<'a> = (&'a str, MediaType, Box<dyn Fn(f32) -> Vec<u8> + 'a>);

#[expect(clippy::print_stdout, reason = "the report")]
fn compare_encoders(folder: &Path) {
    println!("bytes at the score of `cwebp -q 80`\n");
    for (width, height) in SIZES {
        for (name, scene) in scenes::ALL {
            let pixels = scenes::render(scene, width, height);
            let raster = Raster::new(width, height, pixels.clone()).expect("a picture");
            let picture = Picture {
                width,
                height,
                pixels,
            };
            let file = folder.join("picture.ppm");
            let head = format!("P6\n{width} {height}\n255\n").into_bytes();
            fs::write(&file, [head, picture.pixels.clone()].concat()).expect("written");
            let cwebp = |quality: f32| run("cwebp", &["-quiet", "-q", &quality.to_string()], &file);
            let reference = cwebp(80.0);
            let target = picture.score(&reference, MediaType::Webp);
            println!("{name} {width}x{height}: cwebp -q 80 scores {target:.2}");
            let ours = |form| {
                let raster = &raster;
                Box::new(move |quality| photo::encode(raster, form, quality).expect("encoded"))
            };
            let cjpeg = |more: &'static [&'static str]| {
                let file = &file;
                Box::new(move |quality: f32| {
                    let quality = quality.round().to_string();
                    run("cjpeg", &[more, &["-quality", &quality]].concat(), file)
                })
            };
            let encoders: [Encoder<'_>; 5] = [
                ("cwebp", MediaType::Webp, Box::new(cwebp)),
                ("WebP here", MediaType::Webp, ours(MediaType::Webp)),
                ("cjpeg", MediaType::Jpeg, cjpeg(&[])),
                (
                    "cjpeg -optimize -progressive",
                    MediaType::Jpeg,
                    cjpeg(&["-optimize", "-progressive"]),
                ),
                ("JPEG here", MediaType::Jpeg, ours(MediaType::Jpeg)),
            ];
            for (name, form, encode) in encoders {
                let (bytes, quality) = bytes_at(target, &picture, form, encode.as_ref());
                println!("  {name:30} {bytes:9.0} bytes, quality {quality:.1}");
            }
            for (form, quality) in [
                (MediaType::Webp, photo::WEBP_QUALITY),
                (MediaType::Jpeg, photo::JPEG_QUALITY),
            ] {
                let file = photo::encode(&raster, form, quality).expect("encoded");
                let (bytes, score) = (file.len(), picture.score(&file, form));
                println!(
                    "  made as {:22} {bytes:9} bytes, scores {score:.2}",
                    form.name()
                );
            }
        }
    }
}

/// The bytes and the quality at which an encoder reaches a score.
fn bytes_at(
    target: f64,
    picture: &Picture,
    form: MediaType,
    encode: &dyn Fn(f32) -> Vec<u8>,
) -> (f64, f32) {
    let measure = |quality: f32| {
        let file = encode(quality);
        #[expect(clippy::cast_precision_loss, reason = "files are small")]
        let bytes = file.len() as f64;
        (picture.score(&file, form), bytes)
    };
    let (mut low, mut high) = (20.0_f32, 98.0_f32);
    let (mut below, mut above) = (measure(low), measure(high));
    for _ in 0..HALVINGS {
        let middle = f32::midpoint(low, high);
        let measured = measure(middle);
        if measured.0 < target {
            (low, below) = (middle, measured);
        } else {
            (high, above) = (middle, measured);
        }
    }
    let range = above.0 - below.0;
    let share = if range > 0.0 {
        (target - below.0) / range
    } else {
        1.0
    };
    (
        below.1 + (above.1 - below.1) * share,
        f32::midpoint(low, high),
    )
}

struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Picture {
    /// How like this picture a file is: 100 is the same, 70 is what a close look tells apart.
    fn score(&self, file: &[u8], form: MediaType) -> f64 {
        let pixels = match form {
            MediaType::Jpeg => jpeg_decoder::Decoder::new(file).decode().expect("decoded"),
            MediaType::Webp => {
                let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).expect("read");
                let mut pixels = vec![0; decoder.output_buffer_size().expect("a size")];
                decoder.read_image(&mut pixels).expect("decoded");
                pixels
            }
        };
        ssimulacra2::compute_frame_ssimulacra2(self.frame(&self.pixels), self.frame(&pixels))
            .expect("a score")
    }

    fn frame(&self, pixels: &[u8]) -> ssimulacra2::Rgb {
        let level = |byte: &u8| f32::from(*byte) / 255.0;
        let data = pixels.as_chunks::<3>().0;
        ssimulacra2::Rgb::new(
            data.iter()
                .map(|pixel| pixel.each_ref().map(level))
                .collect(),
            self.width as usize,
            self.height as usize,
            ssimulacra2::TransferCharacteristic::SRGB,
            ssimulacra2::ColorPrimaries::BT709,
        )
        .expect("a frame")
    }
}

fn run(program: &str, arguments: &[&str], file: &Path) -> Vec<u8> {
    let mut command = Command::new(program);
    command.args(arguments).arg(file);
    if program == "cwebp" {
        command.args(["-o", "-"]);
    }
    let output = command.output().expect("the program is installed");
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

#[expect(clippy::print_stdout, reason = "the report")]
fn measure_photos(folder: &Path) {
    println!("\ntime and memory of a photo, in a process of its own\n");
    let program = std::env::current_exe().expect("this program");
    for (width, height) in PHOTOS {
        let pixels = scenes::render(scenes::Scene::Garden, width, height);
        let mut files = vec![
            (
                "JPEG",
                jpeg(
                    &pixels,
                    (width, height),
                    mozjpeg::Compress::set_fastest_defaults,
                ),
            ),
            ("MozJPEG", jpeg(&pixels, (width, height), |_| {})),
        ];
        // WebP's own encoder takes half a minute for each of the larger ones, and none is so large as PNG.
        if width * height < 20_000_000 {
            let raster = webp::Encoder::from_rgb(&pixels, width, height);
            files.push((
                "WebP",
                raster.encode_simple(false, 90.0).expect("encoded").to_vec(),
            ));
        }
        drop(pixels);
        for (form, bytes) in files {
            let file = folder.join("photo");
            fs::write(&file, &bytes).expect("written");
            let mut command = Command::new(&program);
            let alone = command.arg("one").arg(&file).output().expect("it ran");
            let report = String::from_utf8_lossy(&alone.stdout);
            let mut worker = Command::new(&program);
            worker.arg("worker");
            let start = Instant::now();
            let made = photo::prepare_in_process(worker, &*bytes, bytes.len());
            let time = start.elapsed().as_millis();
            let answer = match made {
                Ok(made) => made
                    .variants
                    .iter()
                    .map(|made| made.bytes.len() / 1000)
                    .fold("made, in kB:".to_owned(), |answer, size| {
                        format!("{answer} {size}")
                    }),
                Err(error) => error.to_string(),
            };
            let length = bytes.len() / 1000;
            println!(
                "{width}x{height} {form:12} {length:6} kB: {}",
                report.trim()
            );
            println!("  within the limits, {time} ms by the clock: {answer}");
        }
    }
}

fn jpeg(
    pixels: &[u8],
    (width, height): (u32, u32),
    set_up: impl FnOnce(&mut mozjpeg::Compress),
) -> Vec<u8> {
    let mut compress = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    compress.set_size(width as usize, height as usize);
    set_up(&mut compress);
    compress.set_optimize_scans(false);
    compress.set_quality(90.0);
    let mut started = compress.start_compress(Vec::new()).expect("started");
    started.write_scanlines(pixels).expect("written");
    started.finish().expect("finished")
}

/// Prepares one photo, and says what this process has taken.
#[expect(clippy::print_stdout, reason = "the report")]
fn measure_one(path: &str) {
    let file = File::open(path).expect("a file");
    let length = u32::try_from(file.metadata().expect("a length").len()).expect("a short file");
    photo::worker::run(Cursor::new(length.to_be_bytes()).chain(file), io::sink()).expect("it ran");
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    let processor = fs::read_to_string("/proc/self/schedstat").expect("Linux");
    let nanoseconds: u64 = processor
        .split(' ')
        .next()
        .unwrap_or_default()
        .parse()
        .expect("a number");
    println!(
        "{} ms of a processor, at most {} resident",
        nanoseconds / 1_000_000,
        peak.trim()
    );
}

//! Renders the photos of the demo data: scenes of our own, followed by light, so that they look like
//! photos and show nobody's home. The files of a photo are written to a folder for each. The names
//! of scenes, if any are given, are those that are rendered.
//!
//! ```console
//! cargo run --release -p pictures --example demo-photos -- crates/site/src/demo/photos
//! ```
//!
//! With a width before the folder it writes one PNG a scene of that width, quickly, to look at.

mod chance;
mod develop;
mod files;
mod materials;
mod scenes;
mod shapes;
mod sky;
mod trace;
mod vector;
mod world;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::files::Picture;
use crate::scenes::SCENES;
use crate::trace::Format;
use crate::world::World;

/// The size and the samples of a photo. A wider one would have files of 1,920 pixels.
const WHOLE: Format = Format {
    width: 1200,
    height: 800,
    samples: 10,
};

/// The samples of a pixel that is only looked at.
const PREVIEW_SAMPLES: u16 = 10;

#[expect(clippy::print_stdout, reason = "the progress")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let width = arguments.first().and_then(|first| first.parse().ok());
    if width.is_some() {
        arguments.remove(0);
    }
    let Some((folder, names)) = arguments.split_first() else {
        return Err("name the folder to write to".into());
    };
    for (name, scene) in SCENES {
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
            continue;
        }
        let started = Instant::now();
        match width {
            Some(width) => preview(&scene(), width, &Path::new(folder).join(name))?,
            None => files::write(&render(&scene(), WHOLE), &Path::new(folder).join(name))?,
        }
        println!("{name}: {:.1} s", started.elapsed().as_secs_f32());
    }
    Ok(())
}

fn preview(world: &World, width: u16, path: &Path) -> Result<(), Box<dyn Error>> {
    let format = Format {
        width,
        height: width / 3 * 2,
        samples: PREVIEW_SAMPLES,
    };
    fs::write(path.with_extension("png"), png(&render(world, format))?)?;
    Ok(())
}

/// A scene as PNG.
fn png(photo: &Picture) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, photo.width, photo.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(&photo.pixels)?;
    Ok(file)
}

fn render(world: &World, format: Format) -> Picture {
    let pixels = trace::trace(world, format);
    Picture {
        width: u32::from(format.width),
        height: u32::from(format.height),
        pixels: develop::develop(&pixels, world, format),
    }
}

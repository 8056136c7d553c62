//! From light to a picture: the grain of few samples is smoothed where nothing is seen that it could
//! be, and the light is brought into the range of a screen.

use crate::trace::{Format, Pixel};
use crate::vector::{BLACK, Vector};
use crate::world::World;

/// How many times the light is smoothed, each time twice as far.
const PASSES: u32 = 5;

/// The picture in sRGB, three bytes a pixel.
pub(crate) fn develop(pixels: &[Pixel], world: &World, format: Format) -> Vec<u8> {
    let light: Vec<Vector> = pixels.iter().map(shade_of).collect();
    let mut light = without_sparks(&light, format);
    for pass in 0..PASSES {
        light = smoothed(&light, pixels, format, 1 << pass);
    }
    let mut bytes = Vec::with_capacity(pixels.len() * 3);
    for (light, pixel) in light.iter().zip(pixels) {
        let whole = *light * pixel.color.map(|part| part + FLOOR);
        let shown = (whole * world.exposure).map(film);
        for part in [shown.x, shown.y, shown.z] {
            bytes.push(byte(part));
        }
    }
    bytes
}

/// Keeps a division by a black colour finite.
const FLOOR: f32 = 0.02;

/// The light on a surface without its colour, whose texture shall stay sharp.
fn shade_of(pixel: &Pixel) -> Vector {
    pixel
        .light
        .with(pixel.color, |light, color| light / (color + FLOOR))
}

/// Without pixels that are much brighter than all but one of their neighbours: one rare sample made them.
fn without_sparks(light: &[Vector], format: Format) -> Vec<Vector> {
    let (width, height) = (usize::from(format.width), usize::from(format.height));
    let pixels = light.iter().enumerate().map(|(here, &own)| {
        let (x, y) = (here % width, here / width);
        let mut around: Vec<Vector> = Vec::with_capacity(8);
        for row in y.saturating_sub(1)..(y + 2).min(height) {
            for column in x.saturating_sub(1)..(x + 2).min(width) {
                if (column, row) != (x, y) {
                    around.push(light[row * width + column]);
                }
            }
        }
        around.sort_by(|a, b| bright(*a).total_cmp(&bright(*b)));
        let usual = around[around.len() - 2];
        if bright(own) > bright(usual) * 1.4 {
            around[around.len() / 2]
        } else {
            own
        }
    });
    pixels.collect()
}

fn bright(color: Vector) -> f32 {
    (color.x + color.y + color.z) / 3.0
}

fn smoothed(light: &[Vector], pixels: &[Pixel], format: Format, step: usize) -> Vec<Vector> {
    const WEIGHTS: [f32; 3] = [0.375, 0.25, 0.0625];
    let (width, height) = (usize::from(format.width), usize::from(format.height));
    let mut smooth = Vec::with_capacity(light.len());
    for here in 0..light.len() {
        let (x, y) = (here % width, here / width);
        let (mut sum, mut weight) = (BLACK, 0.0);
        for (dy, wy) in offsets(y, height, step) {
            for (dx, wx) in offsets(x, width, step) {
                let there = dy * width + dx;
                let share = WEIGHTS[wy]
                    * WEIGHTS[wx]
                    * likeness(&pixels[here], &pixels[there])
                    * similar(light[here], light[there], step);
                sum = sum + light[there] * share;
                weight += share;
            }
        }
        smooth.push(sum * (1.0 / weight));
    }
    smooth
}

/// The places up to two steps from one, with how many steps they are away.
fn offsets(at: usize, end: usize, step: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..5_usize).filter_map(move |number| {
        let place = (at + number * step).checked_sub(2 * step)?;
        (place < end).then_some((place, number.abs_diff(2)))
    })
}

fn likeness(a: &Pixel, b: &Pixel) -> f32 {
    if (a.depth >= 499.0) != (b.depth >= 499.0) {
        return 0.0;
    }
    let turned = (a.normal - b.normal).length();
    let apart = (a.depth - b.depth).abs() / (a.depth.min(b.depth) * 0.05 + 0.02);
    let color = (a.color - b.color).length();
    (-turned * turned * 14.0 - apart * apart - color * color * 5.0).exp()
}

fn similar(a: Vector, b: Vector, step: usize) -> f32 {
    let (a, b) = (bright(a), bright(b));
    let apart = (a - b) / (0.3 * (a + b) + 0.02);
    let strict = if step > 2 { 3.0 } else { 1.2 };
    (-apart * apart * strict).exp()
}

/// The response of film: shadows deepen, lights bend before they are white (Hable's curve as fitted by
/// Narkowicz), then sRGB's own.
fn film(light: f32) -> f32 {
    let light = light.max(0.0) * 0.7;
    let shown = (light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14);
    shown.clamp(0.0, 1.0).powf(1.0 / 2.2)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is from 0 to 255"
)]
fn byte(share: f32) -> u8 {
    (share * 255.0).round().clamp(0.0, 255.0) as u8
}

//! Colours and surfaces.

use std::sync::Arc;

use crate::chance::{Chance, grain, noise, rough_noise};
use crate::vector::{BLACK, Vector, hex, mix, ramp, v};

/// The colour at a point.
pub(crate) type Paint = Arc<dyn Fn(Vector) -> Vector + Send + Sync>;

/// From how many points the colour on the whole is taken.
const MEAN_OF: u8 = 200;

/// What a surface does with light.
#[derive(Clone)]
pub(crate) struct Material {
    pub(crate) paint: Paint,
    /// Its colour on the whole, which is enough for the light that it throws on others.
    pub(crate) mean: Vector,
    /// The share of light that is mirrored when it falls straight on it.
    pub(crate) mirror: f32,
    /// How far mirrored light is scattered: 0 for glass, 1 for all directions.
    pub(crate) scatter: f32,
    /// The light that it gives itself. It is seen; what lights other things is a bulb.
    pub(crate) glow: Vector,
    /// How steep its bumps are, and how many there are in a metre.
    pub(crate) bumps: (f32, Vector),
}

impl Material {
    pub(crate) fn new(paint: Paint) -> Self {
        let mut chance = Chance::new(5);
        let mut sum = BLACK;
        for _ in 0..MEAN_OF {
            let side = |chance: &mut Chance| chance.between(-2.0, 2.0);
            let at = v(side(&mut chance), side(&mut chance), side(&mut chance));
            sum = sum + paint(at);
        }
        Self {
            paint,
            mean: sum * (1.0 / f32::from(MEAN_OF)),
            mirror: 0.0,
            scatter: 0.0,
            glow: BLACK,
            bumps: (0.0, BLACK),
        }
    }

    pub(crate) fn shiny(self, mirror: f32, scatter: f32) -> Self {
        Self {
            mirror,
            scatter,
            ..self
        }
    }

    pub(crate) fn glowing(self, glow: Vector) -> Self {
        Self { glow, ..self }
    }

    pub(crate) fn glows(&self) -> bool {
        self.glow.greatest() > 0.0
    }

    pub(crate) fn bumpy(self, height: f32, per_metre: Vector) -> Self {
        Self {
            bumps: (height, per_metre),
            ..self
        }
    }

    /// The normal of a surface with its bumps.
    pub(crate) fn bend(&self, at: Vector, normal: Vector) -> Vector {
        let (height, scale) = self.bumps;
        if height == 0.0 {
            return normal;
        }
        let (at, step) = (at * scale, 0.1);
        let here = noise(at);
        let slope = v(
            noise(at + v(step, 0.0, 0.0)) - here,
            noise(at + v(0.0, step, 0.0)) - here,
            noise(at + v(0.0, 0.0, step)) - here,
        );
        (normal - slope * (height / step)).unit()
    }
}

/// One colour, a little uneven as all things are.
pub(crate) fn matt(code: u32) -> Material {
    let color = hex(code);
    Material::new(Arc::new(move |at| color * (0.93 + 0.14 * noise(at * 2.3))))
}

/// Cloth: matt, with a weave.
pub(crate) fn cloth(code: u32) -> Material {
    let color = hex(code);
    let paint: Paint = Arc::new(move |at| color * (0.82 + 0.36 * noise(at * 70.0)));
    Material::new(paint).bumpy(0.10, v(9.0, 9.0, 9.0))
}

/// Cloth with stripes across `z`.
pub(crate) fn striped(codes: [u32; 3], per_metre: f32) -> Material {
    let colors = codes.map(hex);
    Material::new(Arc::new(move |at| {
        let place = (at.z * per_metre).rem_euclid(1.0);
        let color = match place {
            ..0.5 => colors[0],
            0.5..0.62 | 0.86.. => colors[1],
            _ => colors[2],
        };
        color * (0.85 + 0.3 * noise(at * 60.0))
    }))
}

/// Planks along an axis: `along` and `across` give where a point lies, in metres.
pub(crate) fn planks(
    code: u32,
    width: f32,
    place: impl Fn(Vector) -> (f32, f32) + Send + Sync + 'static,
) -> Material {
    let color = hex(code);
    Material::new(Arc::new(move |at| {
        let (along, across) = place(at);
        let plank = (across / width).floor();
        let along = along + grain(v(plank, 0.0, 3.0)) * 5.0;
        let board = (along / 1.9).floor();
        let shade = 0.82 + 0.3 * grain(v(plank, board, 0.5));
        let lines = rough_noise(v(along * 1.6, across * 30.0, plank * 3.7));
        let edge = (across / width - plank).min(plank + 1.0 - across / width) * width;
        let end = ((along / 1.9 - board) * 1.9).min((board + 1.0) * 1.9 - along);
        let joint = ramp(0.0, 0.006, edge.min(end * 2.0));
        color * (shade * (0.72 + 0.5 * lines) * (0.45 + 0.55 * joint))
    }))
}

/// Planks of a floor, along `z`.
pub(crate) fn floor_boards(code: u32) -> Material {
    planks(code, 0.16, |at| (at.z, at.x)).shiny(0.03, 0.16)
}

/// Boards one above the other, as on walls of houses.
pub(crate) fn clapboard(code: u32) -> Material {
    let color = hex(code);
    let paint: Paint = Arc::new(move |at| {
        let place = (at.y / 0.19).rem_euclid(1.0);
        let shadow = 0.55 + 0.45 * ramp(0.0, 0.13, place);
        color * (shadow * (0.92 + 0.12 * noise(at * v(1.2, 14.0, 1.2))))
    });
    Material::new(paint)
}

/// Logs one above the other, or shingles: rows whose pieces differ.
pub(crate) fn shingles(code: u32, height: f32, width: f32) -> Material {
    let color = hex(code);
    Material::new(Arc::new(move |at| {
        let row = (at.y / height).floor();
        let place_in_row = (at.x + at.z) / width + grain(v(row, 1.0, 0.0)) * 0.7 + row * 0.5;
        let piece = place_in_row.floor();
        let shade = 0.7 + 0.5 * grain(v(row, piece, 2.0));
        let place = at.y / height - row;
        let side = (place_in_row - piece).min(piece + 1.0 - place_in_row);
        let joint = ramp(0.0, 0.06, side) * ramp(0.0, 0.16, place);
        color * (shade * (0.5 + 0.5 * joint) * (0.85 + 0.3 * noise(at * 9.0)))
    }))
}

/// Tiles with joints. `place` gives where a point lies on the wall, in metres.
pub(crate) fn tiles(
    codes: [u32; 2],
    (width, height): (f32, f32),
    place: impl Fn(Vector) -> (f32, f32) + Send + Sync + 'static,
) -> Material {
    let [color, joint] = codes.map(hex);
    let paint: Paint = Arc::new(move |at| {
        let (x, y) = place(at);
        let row = (y / height).floor();
        let x = x / width + if row.rem_euclid(2.0) < 1.0 { 0.5 } else { 0.0 };
        let column = x.floor();
        let side = (x - column).min(column + 1.0 - x) * width;
        let level = (y / height - row).min(row + 1.0 - y / height) * height;
        let shade = 0.9 + 0.16 * grain(v(column, row, 4.0));
        mix(joint, color * shade, ramp(0.001, 0.005, side.min(level)))
    });
    Material::new(paint).shiny(0.05, 0.05)
}

/// A lawn, a meadow, leaves: many shades of one colour, with a second in places.
pub(crate) fn leaves(codes: [u32; 2], per_metre: f32) -> Material {
    let [color, other] = codes.map(hex);
    let paint: Paint = Arc::new(move |at| {
        let share = ramp(0.3, 0.75, rough_noise(at * 0.35));
        let blades = rough_noise(at * per_metre);
        mix(color, other, share) * (0.6 + 0.7 * blades)
    });
    Material::new(paint).bumpy(0.5, v(per_metre, per_metre, per_metre))
}

/// Still water with ripples of a height.
pub(crate) fn water(code: u32, ripples: f32) -> Material {
    let color = hex(code);
    Material::new(Arc::new(move |_| color))
        .shiny(0.06, 0.0)
        .bumpy(ripples, v(1.1, 1.0, 2.6))
}

/// A pane seen from outside, by day.
pub(crate) fn pane() -> Material {
    matt(0x0016_1d24).shiny(0.32, 0.0)
}

pub(crate) fn metal(code: u32, scatter: f32) -> Material {
    matt(code).shiny(0.6, scatter)
}

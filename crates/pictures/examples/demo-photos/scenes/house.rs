//! A house and its parts.

use super::trees::bush;
use crate::materials::{Material, matt, metal, planks, shingles, tiles};
use crate::vector::{Vector, v};
use crate::world::World;

/// How a house looks.
pub(super) struct House {
    pub(super) wall: Material,
    pub(super) roof: Material,
    pub(super) trim: u32,
    pub(super) door: u32,
    /// The panes, which are lit in the evening.
    pub(super) glass: Material,
}

/// Half the length of a house, its depth, and how high its walls are.
const HALF: f32 = 4.2;
const DEPTH: f32 = 5.6;
const EAVES: f32 = 2.9;

/// A house whose front lies on `z = 0`.
pub(super) fn house(world: &mut World, look: &House) {
    let trim = matt(look.trim);
    world.block(v(-HALF, 0.0, -DEPTH), v(HALF, EAVES, 0.0), &look.wall);
    let (least, most) = (v(-HALF, EAVES, -DEPTH), v(HALF, EAVES, 0.0));
    world.gable(least, most, 2.2, &look.wall);
    let out = v(0.35, -0.02, 0.45);
    world.gable(
        least - v(out.x, 0.0, out.z),
        most + v(out.x, 0.0, out.z),
        2.45,
        &look.roof,
    );
    world.block(
        v(-HALF - 0.36, EAVES - 0.14, 0.36),
        v(HALF + 0.36, EAVES + 0.04, 0.5),
        &trim,
    );
    for x in [-HALF - 0.02, HALF - 0.1] {
        world.block(v(x, 0.0, -0.1), v(x + 0.12, EAVES, 0.03), &trim);
    }
    let brick = tiles([0x0094_5540, 0x00b4_a898], (0.24, 0.09), |at| {
        (at.x + at.z, at.y)
    });
    world.block(v(2.2, 3.4, -3.4), v(2.95, 6.1, -2.7), &brick);
    world.block(
        v(-HALF - 0.05, 0.0, -DEPTH),
        v(HALF + 0.05, 0.3, 0.06),
        &matt(0x008d_8880),
    );
    door(world, look, v(0.0, 0.15, 0.0));
    for x in [-2.9, -1.55, 1.55, 2.9] {
        opening(world, look, (v(x, 1.6, 0.0), 0.44, 0.68));
    }
    let path = tiles([0x00b8_b0a2, 0x008a_8478], (0.5, 0.45), |at| (at.x, at.z));
    world.block(v(-0.75, -0.2, 0.0), v(0.75, 0.02, 14.0), &path);
    world.block(v(-0.85, 0.0, 0.0), v(0.85, 0.15, 0.75), &matt(0x00ae_a698));
    for (number, x) in (0_u8..).zip([-3.7, -2.9, -2.1, -1.3, 1.3, 2.1, 2.9, 3.7]) {
        let size = 0.36 + 0.05 * f32::from(number % 3);
        bush(world, v(x, 0.0, 0.55), size, [0x0047_6b2c, 0x0067_8a3c]);
    }
}

/// A window in a front: the middle of it, half its width and height.
pub(super) fn opening(world: &mut World, look: &House, (middle, half, tall): (Vector, f32, f32)) {
    let trim = matt(look.trim);
    let edge = 0.09;
    let size = v(half + edge, tall + edge, 0.04);
    world.block(middle - size, middle + size, &trim);
    let inner = v(half, tall, 0.045);
    world.block(middle - inner, middle + inner, &look.glass);
    world.block(
        middle - v(0.02, tall, 0.0),
        middle + v(0.02, tall, 0.07),
        &trim,
    );
    world.block(
        middle - v(half, 0.02, 0.0),
        middle + v(half, 0.02, 0.07),
        &trim,
    );
    let sill = middle - v(0.0, tall + edge, 0.0);
    world.block(
        sill - v(half + 0.14, 0.06, 0.0),
        sill + v(half + 0.14, 0.0, 0.12),
        &trim,
    );
}

/// A door in a front, its foot in the middle.
pub(super) fn door(world: &mut World, look: &House, foot: Vector) {
    let trim = matt(look.trim);
    world.block(foot - v(0.6, 0.0, 0.0), foot + v(0.6, 2.2, 0.05), &trim);
    let leaf = matt(look.door).shiny(0.04, 0.2);
    world.block(foot - v(0.47, 0.0, 0.0), foot + v(0.47, 2.08, 0.07), &leaf);
    for (low, high) in [(0.2, 0.9), (1.05, 1.9)] {
        for side in [-0.22, 0.22] {
            let panel = foot + v(side, f32::midpoint(low, high), 0.07);
            world.soft(panel, v(0.15, (high - low) / 2.0, 0.02), 0.012, &leaf);
        }
    }
    let brass = metal(0x00c0_9a58, 0.1);
    world.ball(foot + v(0.37, 1.0, 0.11), v(0.035, 0.035, 0.035), &brass);
}

/// A roof on posts along the front, with a floor.
pub(super) fn porch(world: &mut World, code: u32) {
    let paint = matt(code);
    let deck = planks(0x009a_8468, 0.14, |at| (at.z, at.x));
    world.block(v(-HALF, 0.0, 0.0), v(HALF, 0.16, 1.9), &deck);
    world.block(v(-HALF - 0.2, 2.52, 0.0), v(HALF + 0.2, 2.66, 2.1), &paint);
    let roof = shingles(0x0057_5f66, 0.16, 0.3);
    world.block(v(-HALF - 0.28, 2.66, 0.0), v(HALF + 0.28, 2.74, 2.2), &roof);
    for x in [-HALF + 0.1, -1.4, 1.4, HALF - 0.1] {
        world.block(v(x - 0.07, 0.16, 1.7), v(x + 0.07, 2.52, 1.84), &paint);
    }
    for (from, to) in [(-HALF + 0.17, -1.47), (1.47, HALF - 0.17)] {
        world.block(v(from, 0.9, 1.73), v(to, 0.97, 1.81), &paint);
        let mut x = from + 0.12;
        while x < to {
            world.block(v(x - 0.018, 0.16, 1.755), v(x + 0.018, 0.9, 1.785), &paint);
            x += 0.17;
        }
    }
}

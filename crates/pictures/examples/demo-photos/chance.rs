//! Numbers that look random and are the same each time, and the noise that textures are made of.

use crate::vector::{Vector, v};

/// A sequence of numbers that its seed decides (PCG, Melissa O'Neill).
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03);
        chance.next();
        chance.next();
        chance
    }

    fn next(&mut self) -> u32 {
        let state = self.0;
        self.0 = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let [a, b, c, d, ..] = (((state >> 18) ^ state) << 5).to_be_bytes();
        let turns = state.to_be_bytes()[0] >> 3;
        u32::from_be_bytes([a, b, c, d]).rotate_right(u32::from(turns))
    }

    /// From 0, below 1.
    pub(crate) fn unit(&mut self) -> f32 {
        share_of(self.next())
    }

    /// From 0, below a count.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not below 0, and below the count"
    )]
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((self.unit() * real(count)) as usize).min(count - 1)
    }

    pub(crate) fn between(&mut self, least: f32, most: f32) -> f32 {
        least + (most - least) * self.unit()
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub(crate) fn real(count: usize) -> f32 {
    count as f32
}

#[expect(
    clippy::cast_precision_loss,
    reason = "24 bits are what a number of this kind holds"
)]
fn share_of(number: u32) -> f32 {
    (number >> 8) as f32 / 16_777_216.0
}

/// The greatest whole number that is not above.
#[expect(
    clippy::cast_possible_truncation,
    reason = "textures are near the origin"
)]
fn cell(number: f32) -> i32 {
    number.floor() as i32
}

/// A number from 0 to 1 for each cell of a grid.
pub(crate) fn grain(at: Vector) -> f32 {
    lattice(cell(at.x), cell(at.y), cell(at.z))
}

fn lattice(x: i32, y: i32, z: i32) -> f32 {
    let mut hash = x.cast_unsigned().wrapping_mul(0x8DA6_B343)
        ^ y.cast_unsigned().wrapping_mul(0xD816_3841)
        ^ z.cast_unsigned().wrapping_mul(0xCB1A_B31F);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x2C1B_3C6D);
    hash = (hash ^ (hash >> 12)).wrapping_mul(0x297A_2D39);
    share_of(hash ^ (hash >> 15))
}

/// Smooth noise from 0 to 1, whose bumps are about 1 wide.
pub(crate) fn noise(at: Vector) -> f32 {
    let (x, y, z) = (cell(at.x), cell(at.y), cell(at.z));
    let part = at.map(|side| side - side.floor());
    let part = part.map(|share| share * share * (3.0 - 2.0 * share));
    let blend = |a: f32, b: f32, share: f32| a + (b - a) * share;
    let row = |y, z| blend(lattice(x, y, z), lattice(x + 1, y, z), part.x);
    let layer = |z| blend(row(y, z), row(y + 1, z), part.y);
    blend(layer(z), layer(z + 1), part.z)
}

/// Noise with detail down to an eighth.
pub(crate) fn rough_noise(at: Vector) -> f32 {
    let mut sum = 0.0;
    let (mut scale, mut weight) = (1.0, 0.5);
    for _ in 0..4 {
        sum += noise(at * scale + v(scale * 7.3, 0.0, scale * 3.1)) * weight;
        scale *= 2.03;
        weight *= 0.5;
    }
    sum / 0.9375
}

//! What grows.

use crate::chance::Chance;
use crate::materials::{Material, leaves, matt};
use crate::vector::{Vector, v};
use crate::world::World;

/// A tree by a street: a straight trunk below a round crown.
pub(super) fn street_tree(world: &mut World, foot: Vector) {
    world.post(foot, 3.2, (0.13, 0.09), &matt(0x0066_5442));
    let leaf = leaves([0x004d_7430, 0x0079_9a48], 5.0);
    crown(world, foot + v(0.0, 4.3, 0.0), (1.75, 200), &leaf);
}

/// Trees around a house, other ones for another seed.
pub(super) fn surroundings(world: &mut World, seed: u64) {
    let mut chance = Chance::new(seed);
    for (x, z) in [
        (-9.5, -3.0),
        (-12.5, -8.0),
        (9.0, -4.5),
        (12.0, -1.0),
        (-6.6, -9.0),
        (6.0, -10.5),
    ] {
        let leaf = leaves([0x0044_6a2a, 0x006f_9040], 4.0);
        let height = chance.between(3.6, 5.4);
        world.post(v(x, 0.0, z), height, (0.2, 0.1), &matt(0x005c_4a3a));
        crown(
            world,
            v(x, height + 0.6, z),
            (chance.between(1.9, 2.6), 180),
            &leaf,
        );
    }
}

/// Leaves in a ball of a radius: many small ones.
pub(super) fn crown(
    world: &mut World,
    middle: Vector,
    (radius, count): (f32, u8),
    leaf: &Material,
) {
    let mut chance = Chance::new(u64::from(middle.x.to_bits()));
    for _ in 0..count {
        let side = |chance: &mut Chance| chance.between(-1.0, 1.0);
        let way = v(side(&mut chance), side(&mut chance), side(&mut chance)).unit();
        let at = middle + way * (radius * chance.between(0.5, 0.95));
        let leaf_radius = radius * chance.between(1.0, 1.8) / f32::from(count).sqrt() * 1.55;
        world.ball(at, v(leaf_radius, leaf_radius * 0.72, leaf_radius), leaf);
    }
}

pub(super) fn bush(world: &mut World, foot: Vector, size: f32, codes: [u32; 2]) {
    let leaf = leaves(codes, 8.0);
    crown(world, foot + v(0.0, size * 0.7, 0.0), (size, 22), &leaf);
}

pub(super) fn fruit_tree(world: &mut World, foot: Vector, fruit: u32) {
    let leaf = leaves([0x003f_6a30, 0x0062_8a3c], 6.0);
    world.post(foot, 1.5, (0.12, 0.08), &matt(0x0066_5040));
    let middle = foot + v(0.0, 2.2, 0.0);
    crown(world, middle, (1.15, 110), &leaf);
    let skin = matt(fruit).shiny(0.03, 0.2);
    let mut chance = Chance::new(u64::from(foot.x.to_bits()));
    for _ in 0..34 {
        let side = |chance: &mut Chance| chance.between(-1.0, 1.0);
        let way = v(
            side(&mut chance),
            side(&mut chance),
            side(&mut chance).abs(),
        )
        .unit();
        world.ball(middle + way * 1.24, v(0.08, 0.09, 0.08), &skin);
    }
}

pub(super) fn pine(world: &mut World, foot: Vector, height: f32) {
    let needles = leaves([0x0024_4428, 0x003f_5f34], 7.0);
    tiers(world, foot, height, &needles);
}

pub(super) fn snowy_pine(world: &mut World, foot: Vector, height: f32) {
    pine(world, foot, height);
    tiers(
        world,
        foot + v(0.0, height * 0.035, 0.0),
        height * 0.985,
        &matt(0x00e8_edf4),
    );
}

/// Cones one above the other around a trunk.
pub(super) fn tiers(world: &mut World, foot: Vector, height: f32, material: &Material) {
    world.post(
        foot,
        height * 0.3,
        (height * 0.022, height * 0.018),
        &matt(0x0054_3c2c),
    );
    let count = 6_u8;
    for tier in 0..count {
        let share = f32::from(tier) / f32::from(count);
        let low = height * (0.14 + 0.78 * share);
        let radius = height * 0.2 * (1.0 - share * 0.86);
        world.post(
            foot + v(0.0, low, 0.0),
            height * 0.22,
            (radius, 0.01),
            material,
        );
    }
}

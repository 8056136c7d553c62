//! What is seen from a home.

use crate::materials::{Material, cloth, leaves, matt, planks, striped, water};
use crate::sky::{Distance, Sky};
use crate::vector::{Vector, v};
use crate::world::{Camera, World};

fn world(sky: Sky, from: Vector, at: Vector) -> World {
    let camera = Camera {
        from,
        at,
        reach: 0.45,
    };
    let mut world = World::new(sky, camera);
    world.exposure = 0.85;
    world
}

/// A terrace with a laid table above wide water.
pub(super) fn water_view() -> World {
    let sky = Sky::day(Distance::Sea, v(-0.5, 0.55, 0.45));
    let mut world = world(sky, v(1.1, 1.75, 4.0), v(-0.15, 1.05, -1.0));
    world.block(
        v(-900.0, -9.0, -900.0),
        v(900.0, -8.0, -12.0),
        &water(0x001f_5a70, 0.25),
    );
    deck(&mut world, 0x00b9_9a74);
    railing(&mut world, 0x00f4_f1ea);
    table(&mut world, v(-0.4, 0.0, 0.1));
    for (x, angle) in [(-1.55, 1.57), (0.8, -1.57)] {
        chair(&mut world, v(x, 0.0, 0.1), angle);
    }
    parasol(&mut world, v(-1.9, 0.0, -1.0));
    pots(&mut world);
    world
}

/// A wooden deck with two chairs, hills behind it.
pub(super) fn hill_view() -> World {
    let sky = Sky::evening(Distance::Hills, v(-0.35, 0.12, -0.9));
    let mut world = world(sky, v(-0.9, 1.6, 3.8), v(0.1, 1.05, -1.0));
    world.exposure = 1.5;
    let meadow = leaves([0x0060_7434, 0x008a_8a4c], 3.0);
    world.ball(v(-10.0, -24.0, -46.0), v(60.0, 22.0, 30.0), &meadow);
    world.ball(v(36.0, -30.0, -70.0), v(60.0, 30.0, 34.0), &meadow);
    world.haze = 0.006;
    deck(&mut world, 0x009a_8468);
    railing(&mut world, 0x006f_5a48);
    for (x, angle) in [(-0.95, 3.0), (0.75, 3.3)] {
        lounge(&mut world, v(x, 0.0, -0.2), angle);
    }
    let wood = planks(0x008a_5f3a, 0.2, |at| (at.x, at.z));
    world.post(v(-0.1, 0.0, 0.0), 0.42, (0.2, 0.22), &wood);
    let cup = matt(0x00ec_e4d4).shiny(0.05, 0.1);
    for x in [-0.2, 0.02] {
        world.post(v(x, 0.42, 0.02), 0.1, (0.035, 0.045), &cup);
    }
    lantern(&mut world, v(1.75, 0.0, -0.9));
    lantern(&mut world, v(-1.9, 0.0, -1.0));
    world
}

fn deck(world: &mut World, code: u32) {
    let boards = planks(code, 0.15, |at| (at.x, at.z));
    world.block(v(-6.0, -0.25, -1.7), v(6.0, 0.0, 6.0), &boards);
}

fn railing(world: &mut World, code: u32) {
    let paint = matt(code);
    world.block(v(-6.0, 0.92, -1.68), v(6.0, 0.98, -1.56), &paint);
    world.block(v(-6.0, 0.1, -1.65), v(6.0, 0.15, -1.6), &paint);
    let mut x = -6.0;
    while x < 6.0 {
        world.block(v(x, 0.0, -1.64), v(x + 0.03, 0.95, -1.61), &paint);
        x += 0.2;
    }
}

fn table(world: &mut World, middle: Vector) {
    let oak = planks(0x00a8_7a4c, 0.14, |at| (at.x, at.z));
    world.soft(middle + v(0.0, 0.73, 0.0), v(0.8, 0.022, 0.48), 0.015, &oak);
    for (x, z) in [(-0.7, -0.4), (0.7, -0.4), (-0.7, 0.4), (0.7, 0.4)] {
        world.post(middle + v(x, 0.0, z), 0.72, (0.025, 0.035), &oak);
    }
    let china = matt(0x00f4_f1ea).shiny(0.05, 0.06);
    let runner = striped([0x00ee_e6d4, 0x00d9_8a3a, 0x00ee_e6d4], 3.0);
    world.block(
        middle + v(-0.8, 0.753, -0.16),
        middle + v(0.8, 0.757, 0.16),
        &runner,
    );
    for x in [-0.5, 0.5] {
        world.post(middle + v(x, 0.757, 0.0), 0.015, (0.1, 0.14), &china);
        world.post(middle + v(x, 0.757, -0.25), 0.12, (0.03, 0.04), &china);
    }
    let blue = matt(0x0035_6b78).shiny(0.06, 0.06);
    world.post(middle + v(0.0, 0.757, 0.0), 0.1, (0.08, 0.17), &blue);
    for (x, z) in [(0.0, 0.0), (-0.08, 0.04), (0.07, 0.05), (0.02, -0.07)] {
        let orange = matt(0x00ec_8b1c).shiny(0.03, 0.2);
        world.ball(middle + v(x, 0.88, z), v(0.052, 0.05, 0.052), &orange);
    }
    world.post(middle + v(0.22, 0.757, -0.2), 0.24, (0.065, 0.045), &china);
}

fn chair(world: &mut World, foot: Vector, angle: f32) {
    let wood = matt(0x00ee_e9de).shiny(0.02, 0.3);
    let mut part = |at: Vector, half: Vector| {
        world.soft_turned(foot + at.turned(angle), half, (0.012, angle), &wood);
    };
    part(v(0.0, 0.45, 0.0), v(0.21, 0.022, 0.21));
    for x in [-0.19, 0.19] {
        part(v(x, 0.47, -0.2), v(0.018, 0.47, 0.018));
        part(v(x, 0.22, 0.19), v(0.018, 0.23, 0.018));
    }
    for y in [0.62, 0.75, 0.88] {
        part(v(0.0, y, -0.2), v(0.19, 0.035, 0.012));
    }
    let cushion = cloth(0x00c9_774a);
    world.soft_turned(
        foot + v(0.0, 0.49, 0.01),
        v(0.19, 0.03, 0.19),
        (0.025, angle),
        &cushion,
    );
}

fn parasol(world: &mut World, foot: Vector) {
    let wood = matt(0x009c_7448);
    let canvas = cloth(0x00ee_e2c8);
    world.post(foot, 0.08, (0.28, 0.25), &matt(0x0080_7a72));
    world.post(foot, 2.5, (0.022, 0.022), &wood);
    world.post(foot + v(0.0, 2.15, 0.0), 0.42, (1.45, 0.02), &canvas);
}

fn pots(world: &mut World) {
    let clay = matt(0x00b9_6f4a);
    let leaf = leaves([0x0046_7034, 0x006f_9548], 9.0);
    let petal = matt(0x00d9_4f5c);
    let mut chance = crate::chance::Chance::new(17);
    for x in [1.55, 2.05, 2.5] {
        let foot = v(x, 0.0, -1.25);
        world.post(foot, 0.34, (0.15, 0.2), &clay);
        for number in 0..34_u8 {
            let around = f32::from(number) * 2.4;
            let reach = chance.between(0.0, 0.24);
            let at = foot
                + v(
                    around.cos() * reach,
                    chance.between(0.36, 0.72),
                    around.sin() * reach,
                );
            let is_petal = number % 4 == 0;
            let size = if is_petal { 0.035 } else { 0.06 };
            let at = if is_petal {
                at + v(0.0, 0.06, 0.05)
            } else {
                at
            };
            world.ball(
                at,
                v(size, size * 0.7, size),
                if is_petal { &petal } else { &leaf },
            );
        }
    }
}

/// A low chair with a slanted back, seen from behind.
fn lounge(world: &mut World, foot: Vector, angle: f32) {
    let wood = planks(0x00b0_8252, 0.1, |at| (at.y, at.x));
    let mut part = |at: Vector, half: Vector, material: &Material| {
        world.soft_turned(foot + at.turned(angle), half, (0.014, angle), material);
    };
    part(v(0.0, 0.34, 0.0), v(0.3, 0.025, 0.3), &wood);
    for slat in [-0.22, -0.11, 0.0, 0.11, 0.22] {
        for (level, lean) in [(0.5, -0.3), (0.68, -0.345), (0.86, -0.39)] {
            part(v(slat, level, lean), v(0.048, 0.1, 0.014), &wood);
        }
    }
    for side in [-0.34, 0.34] {
        part(v(side, 0.55, 0.0), v(0.055, 0.018, 0.36), &wood);
        part(v(side, 0.27, 0.27), v(0.03, 0.27, 0.03), &wood);
        part(v(side, 0.27, -0.27), v(0.03, 0.27, 0.03), &wood);
    }
    let throw = cloth(0x00b5_5a35);
    part(v(0.02, 0.88, -0.38), v(0.26, 0.14, 0.035), &throw);
}

fn lantern(world: &mut World, foot: Vector) {
    let iron = matt(0x0028_2624).shiny(0.05, 0.3);
    world.block(
        foot + v(-0.12, 0.0, -0.12),
        foot + v(0.12, 0.03, 0.12),
        &iron,
    );
    world.block(
        foot + v(-0.13, 0.4, -0.13),
        foot + v(0.13, 0.43, 0.13),
        &iron,
    );
    for (x, z) in [(-0.11, -0.11), (0.11, -0.11), (-0.11, 0.11), (0.11, 0.11)] {
        world.block(
            foot + v(x - 0.01, 0.0, z - 0.01),
            foot + v(x + 0.01, 0.4, z + 0.01),
            &iron,
        );
    }
    let wax = matt(0x00f2_e2c0).glowing(v(2.6, 1.4, 0.5));
    world.post(foot + v(0.0, 0.03, 0.0), 0.2, (0.05, 0.05), &wax);
    world.bulb(foot + v(0.0, 0.25, 0.0), 0.05, v(0.35, 0.19, 0.07));
}

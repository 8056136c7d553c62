//! Houses from outside.

use super::house::{House, door, house, opening, porch};
use super::trees::{bush, fruit_tree, pine, snowy_pine, street_tree, surroundings};
use crate::chance::Chance;
use crate::materials::{Material, clapboard, leaves, matt, pane, planks, shingles, tiles};
use crate::shapes::Shape;
use crate::sky::{Distance, Sky};
use crate::vector::{Vector, v};
use crate::world::{Camera, World};

fn world(sky: Sky, from: Vector, at: Vector) -> World {
    let camera = Camera {
        from,
        at,
        reach: 0.42,
    };
    let mut world = World::new(sky, camera);
    world.exposure = 0.82;
    world.haze = 0.003;
    world
}

fn lit_pane() -> Material {
    matt(0x00f2_c07a).glowing(v(0.62, 0.42, 0.2))
}

/// A white house with a porch, by day.
pub(super) fn white_house() -> World {
    let sky = Sky::day(Distance::Trees, v(-0.55, 0.6, 0.65));
    let mut world = world(sky, v(-5.0, 1.75, 10.6), v(0.1, 1.85, 0.0));
    garden(&mut world, [0x0055_7a2e, 0x0078_983f]);
    house(&mut world, &white(pane()));
    porch(&mut world, 0x00f2_efe6);
    surroundings(&mut world, 4);
    world
}

/// A moss-green house with a porch, by day.
pub(super) fn green_house() -> World {
    let sky = Sky::day(Distance::Trees, v(0.55, 0.6, 0.6));
    let mut world = world(sky, v(5.0, 1.75, 10.2), v(0.0, 1.9, 0.0));
    garden(&mut world, [0x005f_7a34, 0x0086_9a48]);
    let look = House {
        wall: clapboard(0x0071_8a58),
        roof: shingles(0x006a_4f42, 0.16, 0.3),
        trim: 0x00ee_ead8,
        door: 0x00d9_9a3a,
        glass: pane(),
    };
    house(&mut world, &look);
    porch(&mut world, 0x00ee_ead8);
    surroundings(&mut world, 9);
    world
}

/// The same white house in the evening.
pub(super) fn white_house_evening() -> World {
    let sky = Sky::evening(Distance::Trees, v(0.8, 0.05, -0.5));
    let mut world = world(sky, v(4.8, 1.7, 10.4), v(0.0, 1.9, 0.0));
    world.exposure = 1.7;
    garden(&mut world, [0x0055_7a2e, 0x0078_983f]);
    house(&mut world, &white(lit_pane()));
    porch(&mut world, 0x00f2_efe6);
    surroundings(&mut world, 4);
    for x in [-2.6, 0.0, 2.6] {
        world.bulb(v(x, 2.35, 1.3), 0.12, v(1.1, 0.66, 0.3));
    }
    world
}

fn white(glass: Material) -> House {
    House {
        wall: clapboard(0x00ea_e8e0),
        roof: shingles(0x0057_5f66, 0.16, 0.3),
        trim: 0x00f6_f4ee,
        door: 0x00b5_4f32,
        glass,
    }
}

/// A yellow house with a blue door among lemon trees.
pub(super) fn lemon_house() -> World {
    let sky = Sky::day(Distance::Hills, v(0.6, 0.62, 0.5));
    let mut world = world(sky, v(4.2, 1.7, 9.6), v(-0.2, 1.7, 0.0));
    garden(&mut world, [0x0078_8a3a, 0x0096_9a50]);
    let look = House {
        wall: matt(0x00e9_b94a),
        roof: shingles(0x00b5_623c, 0.2, 0.24),
        trim: 0x00f5_efe0,
        door: 0x0029_6a9c,
        glass: pane(),
    };
    house(&mut world, &look);
    for (x, z) in [
        (-5.4, 2.2),
        (-3.3, 3.4),
        (5.2, 1.8),
        (6.6, -1.5),
        (-7.2, 0.0),
    ] {
        fruit_tree(&mut world, v(x, 0.0, z), 0x00f0_cf2e);
    }
    world
}

/// A cottage of grey shingles, in sand and beach grass.
pub(super) fn shingle_cottage() -> World {
    let sky = Sky::day(Distance::Sea, v(-0.6, 0.5, 0.6));
    let mut world = world(sky, v(-4.4, 1.6, 10.0), v(0.2, 1.75, 0.0));
    garden(&mut world, [0x00cb_b78e, 0x009a_9a60]);
    let look = House {
        wall: shingles(0x00a9_a498, 0.17, 0.14),
        roof: shingles(0x007c_766c, 0.16, 0.2),
        trim: 0x00f7_f5f0,
        door: 0x004d_7f8f,
        glass: pane(),
    };
    house(&mut world, &look);
    let grass = leaves([0x008c_9150, 0x00b4_a868], 7.0);
    let mut chance = Chance::new(8);
    for _ in 0..150 {
        let (x, z) = (chance.between(-9.0, 9.0), chance.between(1.6, 7.5));
        if x.abs() < 0.9 {
            continue;
        }
        let height = chance.between(0.2, 0.5);
        world.post(v(x, -0.02, z), height, (0.07, 0.005), &grass);
    }
    fence(&mut world, 0x00f1_eee6);
    world
}

/// A log cabin among pines.
pub(super) fn cabin() -> World {
    let sky = Sky::day(Distance::Trees, v(-0.5, 0.75, 0.45));
    let mut world = world(sky, v(-4.6, 1.7, 10.2), v(0.2, 1.9, 0.0));
    world.exposure = 1.0;
    garden(&mut world, [0x0058_6a30, 0x0079_6a3e]);
    let look = House {
        wall: planks(0x0091_6238, 0.24, |at| (at.x + at.z, at.y)),
        roof: shingles(0x0049_4a40, 0.18, 0.26),
        trim: 0x0074_4a2a,
        door: 0x003f_5f45,
        glass: pane(),
    };
    house(&mut world, &look);
    porch(&mut world, 0x007e_5430);
    let mut chance = Chance::new(21);
    for number in 0..26_u8 {
        let x = -16.0 + f32::from(number) * 1.3 + chance.between(-0.5, 0.5);
        let z = if x.abs() < 6.0 {
            chance.between(-12.0, -7.5)
        } else {
            chance.between(-9.0, 1.5)
        };
        pine(&mut world, v(x, 0.0, z), chance.between(6.0, 10.5));
    }
    world
}

/// An A-frame in snow, with peaks behind it.
pub(super) fn a_frame() -> World {
    let sky = Sky::day(Distance::Peaks, v(0.6, 0.42, 0.6));
    let mut world = world(sky, v(5.4, 1.7, 10.4), v(0.0, 2.35, 0.0));
    world.exposure = 0.66;
    garden(&mut world, [0x00e4_e9f2, 0x00f2_f4f8]);
    let roof = planks(0x004e_4038, 0.3, |at| (at.x, at.y));
    let snow = matt(0x00f0_f3f8);
    let wood = planks(0x00a8_7040, 0.2, |at| (at.y, at.x));
    // A gable's ridge lies along x; here the front is a gable's side, so it is built turned.
    a_gable(&mut world, (2.9, 5.6, -3.2, 2.6), &wood);
    for side in [-1.0, 1.0] {
        let normal = v(side * 5.6, 2.9, 0.0).unit();
        let slab = |out: f32, thick: f32, top: f32| {
            let distance = normal.dot(v(0.0, 5.6, 0.0)) + out;
            let planes = vec![
                (normal, distance + thick),
                (-normal, -distance),
                (v(0.0, 0.0, 1.0), 3.2),
                (v(0.0, 0.0, -1.0), 3.6),
                (v(0.0, -1.0, 0.0), 0.0),
                (v(-side, 0.0, 0.0), 0.02),
                (v(0.0, 1.0, 0.0), top),
            ];
            Shape::Solid(planes)
        };
        world.add(slab(0.02, 0.2, 6.2), &roof);
        world.add(slab(0.22, 0.16, 6.1), &snow);
    }
    let look = House {
        wall: wood,
        roof,
        trim: 0x00d9_b98a,
        door: 0x0035_5a4a,
        glass: lit_pane(),
    };
    for (x, half) in [(-0.95, 0.42), (0.0, 0.42), (0.95, 0.42)] {
        opening(&mut world, &look, (v(x, 1.2, 2.6), half, 1.05));
    }
    opening(&mut world, &look, (v(0.0, 3.3, 2.6), 0.55, 0.5));
    let deck = planks(0x009c_7850, 0.16, |at| (at.z, at.x));
    world.block(v(-2.9, 0.0, 2.6), v(2.9, 0.18, 4.4), &deck);
    let mut chance = Chance::new(4);
    for number in 0..16_u8 {
        let x = -15.0 + f32::from(number) * 2.0 + chance.between(-0.6, 0.6);
        if x.abs() > 4.0 {
            let z = chance.between(-9.0, 0.5);
            snowy_pine(&mut world, v(x, 0.0, z), chance.between(4.5, 8.0));
        }
    }
    for (x, z) in [(-4.6, 3.6), (4.9, 2.8), (-7.0, 1.0)] {
        world.ball(v(x, -0.2, z), v(1.5, 0.6, 1.1), &snow);
    }
    world
}

/// A prism whose ridge lies along `z`: half its width, its height, from where to where.
fn a_gable(world: &mut World, (half, height, back, front): (f32, f32, f32, f32), wall: &Material) {
    let ridge = v(0.0, height, 0.0);
    let slope = |side: f32| v(side * height, half, 0.0).unit();
    let planes = vec![
        (slope(1.0), slope(1.0).dot(ridge)),
        (slope(-1.0), slope(-1.0).dot(ridge)),
        (v(0.0, -1.0, 0.0), 0.0),
        (v(0.0, 0.0, 1.0), front),
        (v(0.0, 0.0, -1.0), -back),
    ];
    world.add(Shape::Solid(planes), wall);
}

/// A house of clay in a desert.
pub(super) fn adobe() -> World {
    let sky = Sky::day(Distance::Mesas, v(-0.7, 0.5, 0.5));
    let mut world = world(sky, v(-4.4, 1.7, 10.2), v(0.3, 1.6, 0.0));
    garden(&mut world, [0x00c4_9468, 0x00ae_8a60]);
    let clay = matt(0x00c9_8a5c);
    let look = House {
        wall: clay.clone(),
        roof: clay.clone(),
        trim: 0x0076_4e30,
        door: 0x002f_8a8f,
        glass: pane(),
    };
    world.soft(v(-1.2, 1.5, -2.0), v(3.4, 1.7, 2.6), 0.22, &clay);
    world.soft(v(3.2, 1.2, -1.6), v(2.4, 1.35, 2.2), 0.22, &clay);
    world.soft(v(-3.4, 2.2, -3.0), v(1.8, 1.9, 1.8), 0.22, &clay);
    let beam = matt(0x0074_4a2c);
    for number in 0..8_u8 {
        let x = -4.1 + f32::from(number) * 0.82;
        world.soft(v(x, 2.75, 0.7), v(0.075, 0.075, 0.4), 0.07, &beam);
    }
    door(&mut world, &look, v(-0.4, 0.0, 0.6));
    for (x, z) in [(-2.4, 0.6), (1.25, 0.6), (3.4, 0.6)] {
        opening(&mut world, &look, (v(x, 1.45, z), 0.45, 0.5));
    }
    let stone = tiles([0x00b9_8a66, 0x0096_7354], (0.5, 0.4), |at| (at.x, at.z));
    world.block(v(-1.2, -0.1, 0.6), v(0.4, 0.02, 9.0), &stone);
    let cactus = leaves([0x0056_7a4a, 0x0070_8f5a], 9.0);
    for (x, z, height) in [(-5.6, 2.4, 2.3), (5.9, 1.6, 1.7), (6.8, -3.0, 2.6)] {
        world.post(v(x, 0.0, z), height, (0.17, 0.15), &cactus);
        world.ball(v(x, height, z), v(0.15, 0.15, 0.15), &cactus);
        for (side, level) in [(-0.42, 0.45), (0.42, 0.6)] {
            world.soft(
                v(x + side / 2.0, height * level, z),
                v(0.28, 0.1, 0.1),
                0.1,
                &cactus,
            );
            world.soft(
                v(x + side, height * level + 0.3, z),
                v(0.1, 0.38, 0.1),
                0.1,
                &cactus,
            );
        }
    }
    let mut chance = Chance::new(3);
    for _ in 0..26 {
        let at = v(chance.between(-8.0, 8.0), 0.0, chance.between(1.2, 6.0));
        if at.x < -1.6 || at.x > 0.8 {
            bush(
                &mut world,
                at,
                chance.between(0.15, 0.34),
                [0x008a_8f62, 0x00a5_a274],
            );
        }
    }
    world
}

/// A row of brick houses in a town.
pub(super) fn brick_row() -> World {
    let sky = Sky::day(Distance::Trees, v(-0.7, 0.62, 0.5));
    let mut world = world(sky, v(-5.2, 1.7, 9.4), v(0.9, 3.1, 0.0));
    let paving = tiles([0x0090_8a82, 0x0070_6b64], (0.9, 0.7), |at| (at.x, at.z));
    world.block(v(-60.0, -0.2, -20.0), v(60.0, 0.0, 40.0), &paving);
    let fronts = [0x009c_523c, 0x0083_4a3a, 0x00ae_6a4a, 0x0090_5a48];
    for (number, code) in (0_u8..).zip(fronts) {
        let x = -7.5 + f32::from(number) * 5.0;
        let brick = tiles([code, 0x00bf_b3a4], (0.24, 0.08), |at| (at.x + at.z, at.y));
        let brick = Material {
            mirror: 0.0,
            ..brick
        };
        let look = House {
            wall: brick.clone(),
            roof: matt(0x0050_4a46),
            trim: 0x00e4_dccb,
            door: [0x0027_4a3a, 0x0034_4a66, 0x0076_2c28, 0x002a_2a2e][usize::from(number)],
            glass: pane(),
        };
        front(&mut world, &look, x);
    }
    for (x, z) in [(-1.9, 2.6), (5.6, 2.6)] {
        street_tree(&mut world, v(x, 0.0, z));
    }
    world
}

/// The front of a house in a row, three windows wide and three storeys high.
fn front(world: &mut World, look: &House, x: f32) {
    let trim = matt(look.trim);
    world.block(v(x - 2.48, 0.0, -6.0), v(x + 2.48, 8.6, 0.0), &look.wall);
    world.block(v(x - 2.5, 8.3, -6.0), v(x + 2.5, 8.75, 0.28), &trim);
    world.block(v(x - 2.5, 0.0, -1.0), v(x + 2.5, 0.75, 0.06), &trim);
    for storey in 0..3_u8 {
        let level = 2.1 + f32::from(storey) * 2.5;
        for (side, column) in [(-1.5, 0_u8), (0.0, 1), (1.5, 2)] {
            if storey > 0 || column > 0 {
                opening(world, look, (v(x + side, level, 0.0), 0.46, 0.82));
            }
        }
    }
    for step in 0..4_u8 {
        let (height, reach) = (0.75 - 0.19 * f32::from(step), 0.5 + 0.3 * f32::from(step));
        world.block(v(x - 2.1, 0.0, 0.0), v(x - 0.9, height, reach), &trim);
    }
    door(world, look, v(x - 1.5, 0.75, 0.0));
}

fn garden(world: &mut World, codes: [u32; 2]) {
    let lawn = leaves(codes, 9.0);
    world.block(v(-90.0, -0.4, -70.0), v(90.0, 0.0, 60.0), &lawn);
}

fn fence(world: &mut World, code: u32) {
    let paint = matt(code);
    for (from, to) in [(-9.0, -1.1), (1.1, 9.0)] {
        let mut x: f32 = from;
        while x < to {
            world.block(v(x, 0.0, 4.3), v(x + 0.07, 0.72, 4.33), &paint);
            x += 0.16;
        }
        for y in [0.2, 0.52] {
            world.block(v(from, y, 4.27), v(to, y + 0.07, 4.3), &paint);
        }
    }
}

//! Rooms.

use super::room::{
    Room, basket, bed, curtains, floor_lamp, framed, pillow, plant, rug, shade, sofa, table_lamp,
};
use crate::materials::{cloth, floor_boards, matt, metal, planks, striped, tiles, water};
use crate::sky::{Distance, Sky};
use crate::vector::{Vector, hex, v};
use crate::world::{Camera, World};

const ROOM: Room = Room {
    half: 2.7,
    height: 2.6,
    front: 3.4,
    back: -2.6,
};

fn world(sky: Sky, from: Vector, at: Vector) -> World {
    let camera = Camera {
        from,
        at,
        reach: 0.43,
    };
    let mut world = World::new(sky, camera);
    world.ambient = v(0.30, 0.29, 0.27);
    world
}

/// A living room by day: a sofa below a window onto trees.
pub(super) fn living_room() -> World {
    let sky = Sky::day(Distance::Trees, v(-0.55, 0.62, -0.75));
    let mut world = world(sky, v(1.0, 1.42, 3.1), v(-0.25, 0.88, -1.6));
    world.exposure = 1.9;
    let wall = matt(0x00e9_e2d4);
    ROOM.build(&mut world, &wall, &floor_boards(0x00b0_8457));
    ROOM.back_wall(&mut world, &wall, Some((-1.45, 0.95, 0.85, 2.2)));
    ROOM.left_wall(&mut world, &wall, Some((-1.2, 1.0, 0.4, 2.2)));
    curtains(&mut world, ROOM, (-1.45, 0.95), 0x00e8_dcc6);
    sofa(&mut world, v(-0.35, 0.0, -1.85), 1.15, 0x006f_8a80);
    pillow(&mut world, v(-1.02, 0.72, -1.84), 0.35, &cloth(0x00d9_8a3a));
    pillow(&mut world, v(0.34, 0.72, -1.84), -0.3, &cloth(0x00ee_e4d0));
    let pattern = striped([0x00e6_dcc8, 0x00b5_5a35, 0x00d9_c7a4], 2.4);
    rug(&mut world, (-1.7, -1.55), (1.25, 0.6), &pattern);
    low_table(&mut world, v(-0.3, 0.0, -0.5));
    floor_lamp(&mut world, v(1.35, 0.0, -2.1), 1.6);
    plant(&mut world, v(-2.25, 0.0, -2.05), 1.5);
    armchair(&mut world, v(1.85, 0.0, -0.75), 0x00c7_7d43);
    let blue = [0x00ee_e6d5, 0x00e0_8a3c, 0x0086_a39b, 0x004f_6f5f];
    framed(&mut world, v(1.95, 1.65, ROOM.back), (0.42, 0.3), blue);
    basket(&mut world, v(-1.8, 0.0, -0.9), 0.2);
    world
}

fn low_table(world: &mut World, middle: Vector) {
    let wood = planks(0x009c_6b40, 0.3, |at| (at.x, at.z)).shiny(0.04, 0.1);
    world.post(middle + v(0.0, 0.36, 0.0), 0.035, (0.5, 0.5), &wood);
    for around in [0.5_f32, 2.6, 4.7] {
        let foot = middle + v(around.cos() * 0.36, 0.0, around.sin() * 0.36);
        world.post(foot, 0.36, (0.018, 0.026), &wood);
    }
    let top = middle + v(0.0, 0.395, 0.0);
    for (number, code) in (0_u8..).zip([0x00c9_5f3c, 0x00ee_e8da, 0x003f_6b64]) {
        let place = top + v(-0.17, 0.015 + 0.03 * f32::from(number), 0.08);
        let angle = 0.2 + 0.16 * f32::from(number);
        world.turned_block(place, v(0.13, 0.014, 0.09), angle, &matt(code));
    }
    let clay = matt(0x00e8_e2d6).shiny(0.05, 0.08);
    world.post(top + v(0.16, 0.0, -0.06), 0.1, (0.07, 0.15), &clay);
    for (x, z) in [(0.12, -0.1), (0.22, -0.06), (0.15, 0.0)] {
        world.ball(top + v(x, 0.12, z), v(0.05, 0.05, 0.05), &matt(0x00e8_8a1c));
    }
}

fn armchair(world: &mut World, foot: Vector, code: u32) {
    let fabric = cloth(code);
    let angle = -0.9;
    let mut part = |at: Vector, half: Vector, radius: f32| {
        world.soft_turned(foot + at.turned(angle), half, (radius, angle), &fabric);
    };
    part(v(0.0, 0.36, 0.0), v(0.36, 0.12, 0.38), 0.07);
    part(v(0.0, 0.66, -0.32), v(0.36, 0.34, 0.09), 0.08);
    for side in [-0.36, 0.36] {
        part(v(side, 0.46, 0.0), v(0.07, 0.18, 0.38), 0.06);
    }
    for (x, z) in [(-0.3, 0.3), (0.3, 0.3), (-0.3, -0.3), (0.3, -0.3)] {
        let leg = foot + v(x, 0.0, z).turned(angle);
        world.post(leg, 0.26, (0.014, 0.022), &matt(0x006b_4a30));
    }
}

/// A living room in the evening: wooden walls, a stove with a fire, a lamp.
pub(super) fn fireside() -> World {
    let sky = Sky::evening(Distance::Trees, v(0.4, -0.2, -0.8));
    let mut world = world(sky, v(-0.9, 1.35, 3.0), v(0.3, 0.85, -1.6));
    world.exposure = 2.2;
    world.ambient = v(0.13, 0.10, 0.08);
    let wall = planks(0x00b8_9468, 0.17, |at| (at.x + at.z, at.y));
    ROOM.build(&mut world, &wall, &floor_boards(0x0094_7048));
    ROOM.back_wall(&mut world, &wall, Some((-1.75, -0.35, 0.8, 2.05)));
    ROOM.left_wall(&mut world, &wall, None);
    curtains(&mut world, ROOM, (-1.75, -0.35), 0x00a2_4a32);
    stove(&mut world, v(1.15, 0.0, -2.1));
    sofa(&mut world, v(-1.05, 0.0, -1.75), 1.0, 0x00b8_a68a);
    pillow(&mut world, v(-1.6, 0.72, -1.74), 0.3, &cloth(0x00a8_3f2c));
    pillow(&mut world, v(-0.5, 0.72, -1.74), -0.35, &cloth(0x003f_5f52));
    let pattern = striped([0x008e_3b2c, 0x00e0_cfae, 0x0034_4a4a], 2.1);
    rug(&mut world, (-1.5, -1.3), (1.5, 0.7), &pattern);
    low_table(&mut world, v(-0.45, 0.0, -0.35));
    floor_lamp(&mut world, v(-2.3, 0.0, -1.9), 1.5);
    armchair(&mut world, v(2.0, 0.0, -0.6), 0x004f_6650);
    basket(&mut world, v(1.95, 0.0, -2.1), 0.22);
    let log = matt(0x007a_5638);
    for (x, y) in [(1.87, 0.36), (2.0, 0.38), (1.93, 0.47)] {
        world.soft(v(x, y, -2.1), v(0.055, 0.055, 0.2), 0.05, &log);
    }
    world
}

fn stove(world: &mut World, foot: Vector) {
    let iron = matt(0x0021_2224).shiny(0.04, 0.3);
    let slab = tiles([0x0058_5a5a, 0x0038_3a3a], (0.4, 0.4), |at| (at.x, at.z));
    world.block(foot + v(-0.65, 0.0, -0.5), foot + v(0.65, 0.03, 0.6), &slab);
    let at = |x, y, z| foot + v(x, y, z);
    world.soft(at(0.0, 0.24, 0.0), v(0.34, 0.14, 0.25), 0.02, &iron);
    world.soft(at(0.0, 0.93, 0.0), v(0.34, 0.08, 0.25), 0.02, &iron);
    for side in [-0.3, 0.3] {
        world.soft(at(side, 0.6, 0.0), v(0.045, 0.3, 0.25), 0.01, &iron);
    }
    world.block(at(-0.3, 0.3, -0.25), at(0.3, 0.9, -0.2), &iron);
    world.post(at(0.0, 1.0, 0.0), 1.6, (0.08, 0.08), &iron);
    for (x, z, angle) in [(-0.06, 0.02, 0.3), (0.07, -0.03, -0.4)] {
        let log = matt(0x0033_211a);
        world.turned_block(at(x, 0.43, z), v(0.2, 0.045, 0.05), angle, &log);
    }
    let flame = matt(0x00f0_a040).glowing(v(5.5, 2.0, 0.4));
    let inner = matt(0x00f0_c060).glowing(v(9.0, 5.0, 1.4));
    for (x, height) in [(-0.14, 0.2), (-0.05, 0.31), (0.05, 0.25), (0.13, 0.17)] {
        world.post(at(x, 0.45, 0.0), height, (0.055, 0.004), &flame);
        world.post(at(x, 0.45, 0.03), height * 0.55, (0.035, 0.004), &inner);
    }
    world.bulb(at(0.0, 0.6, 0.1), 0.1, v(2.6, 1.5, 0.7));
}

/// A bedroom with a double bed by day.
pub(super) fn bedroom() -> World {
    let sky = Sky::day(Distance::Hills, v(-0.8, 0.5, 0.15));
    let mut world = world(sky, v(1.9, 1.5, 2.6), v(-0.35, 0.7, -1.5));
    world.exposure = 2.0;
    let wall = matt(0x00dd_dccb);
    ROOM.build(&mut world, &wall, &floor_boards(0x00c0_9566));
    ROOM.back_wall(&mut world, &wall, None);
    ROOM.left_wall(&mut world, &wall, Some((-1.9, 0.3, 0.75, 2.2)));
    let pattern = striped([0x00ea_e2d2, 0x008f_a08a, 0x00d8_ccb4], 2.0);
    rug(&mut world, (-1.6, -1.7), (1.7, 0.5), &pattern);
    bed(
        &mut world,
        v(0.0, 0.0, -0.5),
        0.82,
        [0x00a5_774a, 0x00c4_703c],
    );
    for x in [-1.25, 1.25] {
        bedside(&mut world, v(x, 0.0, -2.28));
    }
    let green = [0x00f0_e9da, 0x00d9_8a3a, 0x00a9_b79c, 0x005f_7a5a];
    framed(&mut world, v(0.0, 1.75, ROOM.back), (0.5, 0.33), green);
    plant(&mut world, v(-2.2, 0.0, -2.1), 1.15);
    world
}

fn bedside(world: &mut World, foot: Vector) {
    let wood = planks(0x00a5_774a, 0.4, |at| (at.x, at.y));
    world.soft(foot + v(0.0, 0.38, 0.0), v(0.22, 0.13, 0.19), 0.015, &wood);
    world.block(foot + v(-0.19, 0.3, 0.19), foot + v(0.19, 0.46, 0.2), &wood);
    world.ball(
        foot + v(0.0, 0.38, 0.21),
        v(0.015, 0.015, 0.015),
        &metal(0x00a8_8350, 0.1),
    );
    for (x, z) in [(-0.18, -0.15), (0.18, -0.15), (-0.18, 0.15), (0.18, 0.15)] {
        world.post(foot + v(x, 0.0, z), 0.27, (0.014, 0.02), &wood);
    }
    table_lamp(world, foot + v(0.0, 0.51, 0.0), 0x0083_9a8c);
}

/// A room with two single beds by day.
pub(super) fn twin_room() -> World {
    let sky = Sky::day(Distance::Trees, v(-0.3, 0.6, -0.8));
    let mut world = world(sky, v(-1.6, 1.5, 2.7), v(0.2, 0.75, -1.6));
    world.exposure = 2.0;
    let wall = matt(0x00d5_e0e0);
    ROOM.build(&mut world, &wall, &floor_boards(0x00c9_a67a));
    ROOM.back_wall(&mut world, &wall, Some((-0.55, 0.55, 0.95, 2.15)));
    ROOM.left_wall(&mut world, &wall, Some((-0.4, 1.4, 0.9, 2.2)));
    curtains(&mut world, ROOM, (-0.55, 0.55), 0x00d8_dfe0);
    for x in [-1.3, 1.3] {
        bed(
            &mut world,
            v(x, 0.0, -0.5),
            0.47,
            [0x00ea_e6da, 0x004f_7f96],
        );
    }
    bedside(&mut world, v(0.0, 0.0, -2.28));
    let pattern = striped([0x00e9_e6dc, 0x004f_7f96, 0x00cd_d5d2], 3.0);
    rug(&mut world, (-0.65, -1.9), (0.65, 0.3), &pattern);
    basket(&mut world, v(2.2, 0.0, 0.0), 0.22);
    world
}

/// A kitchen by day: a row of cupboards below a window, a table.
pub(super) fn kitchen() -> World {
    let sky = Sky::day(Distance::Trees, v(-0.6, 0.55, -0.7));
    let mut world = world(sky, v(1.5, 1.55, 2.9), v(-0.15, 0.95, -1.6));
    world.exposure = 2.0;
    let wall = matt(0x00ee_e9de);
    let floor = tiles([0x00b8_8664, 0x00d8_cab4], (0.3, 0.3), |at| (at.x, at.z));
    ROOM.build(&mut world, &wall, &floor);
    ROOM.back_wall(&mut world, &wall, Some((-1.0, 0.5, 1.15, 2.15)));
    ROOM.left_wall(&mut world, &wall, Some((-0.9, 0.9, 0.9, 2.15)));
    cupboards(&mut world);
    let oak = planks(0x00b7_8850, 0.2, |at| (at.x, at.z)).shiny(0.03, 0.15);
    world.soft(v(-0.1, 0.75, 0.1), v(0.85, 0.025, 0.45), 0.015, &oak);
    for (x, z) in [(-0.85, -0.25), (0.65, -0.25), (-0.85, 0.45), (0.65, 0.45)] {
        world.post(v(x, 0.0, z), 0.73, (0.025, 0.035), &oak);
    }
    let bowl = matt(0x0035_6b78).shiny(0.06, 0.05);
    world.post(v(-0.25, 0.775, 0.1), 0.1, (0.08, 0.19), &bowl);
    let fruit = [(0.0, 0.0), (-0.09, 0.04), (0.08, 0.05), (0.02, -0.09)];
    for ((x, z), code) in
        fruit
            .into_iter()
            .zip([0x00ec_8b1c, 0x00e9_b62a, 0x00ea_7f1a, 0x00c8_c23c])
    {
        world.ball(
            v(-0.25 + x, 0.90, 0.1 + z),
            v(0.055, 0.052, 0.055),
            &matt(code).shiny(0.03, 0.2),
        );
    }
    for (x, z) in [(-0.75, -0.55), (0.4, -0.55)] {
        stool(&mut world, v(x, 0.0, z));
    }
    for x in [-0.5, 0.35] {
        let cord = matt(0x0030_2a26);
        world.post(v(x, 1.95, 0.1), 0.65, (0.006, 0.006), &cord);
        shade(&mut world, v(x, 1.68, 0.1), 0.17);
    }
    world
}

fn cupboards(world: &mut World) {
    let (near, back) = (ROOM.back + 0.6, ROOM.back);
    let paint = matt(0x0062_8176).shiny(0.02, 0.25);
    let stone = matt(0x00ea_e4d8).shiny(0.04, 0.08);
    let brass = metal(0x00b0_8a50, 0.1);
    let half = ROOM.half;
    world.block(v(-half, 0.1, back), v(half, 0.88, near), &paint);
    world.soft(
        v(0.0, 0.90, back + 0.31),
        v(half, 0.025, 0.33),
        0.01,
        &stone,
    );
    let splash = tiles([0x00f0_ede4, 0x00d2_ccc0], (0.2, 0.1), |at| (at.x, at.y));
    world.block(v(-half, 0.92, back), v(half, 1.15, back + 0.012), &splash);
    for door in 0..8_u8 {
        let x = -half + 0.04 + f32::from(door) * 0.67;
        let front = v(x, 0.16, near);
        world.soft(
            front + v(0.31, 0.34, 0.005),
            v(0.3, 0.34, 0.015),
            0.006,
            &paint,
        );
        world.soft(
            front + v(0.31, 0.62, 0.035),
            v(0.07, 0.008, 0.012),
            0.008,
            &brass,
        );
    }
    let shelf = planks(0x00b0_8250, 0.3, |at| (at.x, at.z));
    for y in [1.45, 1.85] {
        world.block(v(0.85, y, back), v(half, y + 0.035, back + 0.27), &shelf);
    }
    let crockery = [
        0x00f1_ece2,
        0x0035_6b78,
        0x00d9_8a3a,
        0x00ee_e6d8,
        0x0083_9a8c,
    ];
    for (number, code) in (0_u8..).zip(crockery) {
        let x = 1.05 + f32::from(number) * 0.33;
        let clay = matt(code).shiny(0.05, 0.08);
        world.post(v(x, 1.485, back + 0.14), 0.15, (0.06, 0.075), &clay);
        world.post(v(x + 0.05, 1.885, back + 0.14), 0.08, (0.05, 0.11), &clay);
    }
    let steel = metal(0x00c4_c6c6, 0.05);
    world.post(v(-0.25, 0.92, back + 0.12), 0.32, (0.016, 0.016), &steel);
    world.soft(
        v(-0.25, 1.24, back + 0.22),
        v(0.013, 0.013, 0.12),
        0.012,
        &steel,
    );
    plant(world, v(-1.75, 0.925, back + 0.3), 0.5);
    world.post(v(1.35, 0.925, back + 0.3), 0.17, (0.11, 0.09), &steel);
    world.soft(
        v(-2.2, 1.13, back + 0.12),
        v(0.17, 0.24, 0.012),
        0.012,
        &shelf,
    );
}

fn stool(world: &mut World, foot: Vector) {
    let wood = planks(0x009c_6b40, 0.3, |at| (at.x, at.z));
    world.post(foot + v(0.0, 0.45, 0.0), 0.035, (0.17, 0.18), &wood);
    for around in [0.4_f32, 2.0, 3.5, 5.1] {
        let leg = foot + v(around.cos() * 0.13, 0.0, around.sin() * 0.13);
        world.post(leg, 0.45, (0.016, 0.02), &wood);
    }
}

/// A bathroom by day: a washbasin below a round mirror, towels.
pub(super) fn bathroom() -> World {
    let sky = Sky::day(Distance::Trees, v(-0.8, 0.5, 0.3));
    let room = Room {
        half: 1.7,
        back: -1.6,
        ..ROOM
    };
    let mut world = world(sky, v(0.75, 1.5, 1.9), v(-0.15, 1.08, -1.4));
    world.exposure = 1.7;
    let wall = tiles([0x009f_bcb4, 0x00e6_e9e2], (0.16, 0.08), |at| {
        (at.x + at.z, at.y)
    });
    let floor = tiles([0x00e9_e4d8, 0x00b9_b4a8], (0.2, 0.2), |at| (at.x, at.z));
    room.build(&mut world, &wall, &floor);
    room.back_wall(&mut world, &wall, None);
    room.left_wall(&mut world, &wall, Some((-0.9, 0.5, 1.0, 2.1)));
    let oak = planks(0x00b0_8250, 0.3, |at| (at.x, at.y)).shiny(0.03, 0.2);
    world.soft(v(-0.1, 0.6, -1.33), v(0.7, 0.2, 0.26), 0.012, &oak);
    for x in [-0.45, 0.25] {
        world.soft(v(x, 0.6, -1.065), v(0.335, 0.17, 0.01), 0.006, &oak);
        world.soft(
            v(x, 0.72, -1.04),
            v(0.08, 0.008, 0.012),
            0.008,
            &metal(0x00b0_8a50, 0.1),
        );
    }
    let stone = matt(0x00f2_f0ea).shiny(0.05, 0.05);
    world.soft(v(-0.1, 0.815, -1.33), v(0.72, 0.02, 0.28), 0.012, &stone);
    world.post(v(-0.1, 0.835, -1.3), 0.13, (0.17, 0.24), &stone);
    world.post(
        v(-0.1, 0.95, -1.3),
        0.018,
        (0.21, 0.21),
        &water(0x00b4_c9c8, 0.02),
    );
    let brass = metal(0x00b0_8a50, 0.05);
    world.post(v(-0.1, 0.83, -1.56), 0.33, (0.015, 0.015), &brass);
    world.soft(v(-0.1, 1.16, -1.47), v(0.012, 0.012, 0.11), 0.011, &brass);
    let glass = matt(0x00ff_ffff).shiny(0.92, 0.0);
    world.ball(v(-0.1, 1.66, -1.6), v(0.40, 0.40, 0.012), &brass);
    world.ball(v(-0.1, 1.66, -1.595), v(0.38, 0.38, 0.014), &glass);
    for side in [-0.62, 0.42] {
        let lamp = matt(0x00f6_ead2).glowing(v(1.3, 1.1, 0.85));
        world.ball(v(side, 1.66, -1.5), v(0.075, 0.1, 0.075), &lamp);
        world.bulb(v(side, 1.66, -1.5), 0.05, v(0.22, 0.18, 0.13));
    }
    for (number, code) in (0_u8..).zip([0x00ee_e6d6, 0x00d9_8a3a, 0x00ee_e6d6]) {
        let level = 0.865 + f32::from(number) * 0.075;
        world.soft(
            v(0.42, level, -1.33),
            v(0.15, 0.037, 0.13),
            0.035,
            &cloth(code),
        );
    }
    towel_rail(&mut world);
    plant(&mut world, v(-0.62, 0.835, -1.42), 0.42);
    basket(&mut world, v(1.25, 0.0, -1.2), 0.22);
    world
}

fn towel_rail(world: &mut World) {
    let brass = metal(0x00b0_8a50, 0.08);
    world.soft(v(1.2, 1.45, -1.52), v(0.3, 0.011, 0.011), 0.01, &brass);
    for x in [0.92, 1.48] {
        world.soft(v(x, 1.45, -1.56), v(0.01, 0.01, 0.04), 0.009, &brass);
    }
    for (x, code) in [(1.07, 0x00f0_ebe0), (1.33, 0x00c9_774a)] {
        world.soft(
            v(x, 1.16, -1.50),
            v(0.115, 0.30, 0.025),
            0.022,
            &cloth(code),
        );
    }
    // What is behind the eye is seen in the mirror.
    world.block(v(-0.5, 0.0, 3.36), v(0.4, 2.05, 3.4), &matt(0x00e6_e0d2));
    world.ball(v(0.3, 1.0, 3.34), v(0.03, 0.03, 0.03), &brass);
    let warm = hex(0x00f0_e0c0);
    world.bulb(v(0.0, 2.45, 0.8), 0.1, warm * 0.6);
}

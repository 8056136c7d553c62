//! Rooms and what stands in them.

use crate::materials::{Material, cloth, leaves, matt, metal, planks, shingles};
use crate::vector::{Vector, hex, v};
use crate::world::World;

/// A room around the origin: half its width, its height, and where its walls are in front and behind.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) half: f32,
    pub(super) height: f32,
    pub(super) front: f32,
    pub(super) back: f32,
}

/// An opening in a wall: from where to where along it, and from what height to what height.
pub(super) type Opening = (f32, f32, f32, f32);

/// How thick walls are.
const WALL: f32 = 0.24;

impl Room {
    /// Floor, ceiling, and the walls that have no window: the right one and the one behind the eye.
    pub(super) fn build(self, world: &mut World, wall: &Material, floor: &Material) {
        let (half, height) = (self.half, self.height);
        let (out, white) = (half + WALL, matt(0x00f1_ede4));
        let (front, back) = (self.front + WALL, self.back - WALL);
        world.block(v(-out, -0.1, back), v(out, 0.0, front), floor);
        world.block(v(-out, height, back), v(out, height + 0.1, front), &white);
        world.block(v(half, 0.0, back), v(out, height, front), wall);
        world.block(v(-out, 0.0, self.front), v(out, height, front), wall);
        let skirting = matt(0x00ee_e8dc);
        world.block(
            v(half - 0.015, 0.0, self.back),
            v(half, 0.1, self.front),
            &skirting,
        );
        world.block(
            v(-half, 0.0, self.back),
            v(half, 0.1, self.back + 0.015),
            &skirting,
        );
    }

    /// The wall that is seen, with a window.
    pub(super) fn back_wall(self, world: &mut World, wall: &Material, opening: Option<Opening>) {
        let out = self.half + WALL;
        let (far, near) = (self.back - WALL, self.back);
        let Some((left, right, low, high)) = opening else {
            return world.block(v(-out, 0.0, far), v(out, self.height, near), wall);
        };
        world.block(v(-out, 0.0, far), v(left, self.height, near), wall);
        world.block(v(right, 0.0, far), v(out, self.height, near), wall);
        world.block(v(left, 0.0, far), v(right, low, near), wall);
        world.block(v(left, high, far), v(right, self.height, near), wall);
        let size = (v(right - left, 0.0, 0.0), v(0.0, high - low, 0.0));
        world.window(v(left, low, far), size.0, size.1);
        let wood = matt(0x00f4_f1ea);
        let bar = |world: &mut World, least: Vector, most: Vector| world.block(least, most, &wood);
        let (deep, flush) = (far + 0.06, far + 0.11);
        for x in [left, f32::midpoint(left, right) - 0.025, right - 0.05] {
            bar(world, v(x, low, deep), v(x + 0.05, high, flush));
        }
        for y in [low, low + (high - low) * 0.66, high - 0.05] {
            bar(world, v(left, y, deep), v(right, y + 0.05, flush));
        }
        bar(
            world,
            v(left - 0.06, low - 0.05, far + 0.1),
            v(right + 0.06, low, near + 0.07),
        );
    }

    /// The left wall, with a window through which light comes.
    pub(super) fn left_wall(self, world: &mut World, wall: &Material, opening: Option<Opening>) {
        let (out, half, height) = (-self.half - WALL, -self.half, self.height);
        let (back, front) = (self.back - WALL, self.front + WALL);
        let Some((far, near, low, high)) = opening else {
            return world.block(v(out, 0.0, back), v(half, height, front), wall);
        };
        world.block(v(out, 0.0, back), v(half, height, far), wall);
        world.block(v(out, 0.0, near), v(half, height, front), wall);
        world.block(v(out, 0.0, far), v(half, low, near), wall);
        world.block(v(out, high, far), v(half, height, near), wall);
        world.window(
            v(out, low, far),
            v(0.0, 0.0, near - far),
            v(0.0, high - low, 0.0),
        );
        let wood = matt(0x00f4_f1ea);
        for z in [far, f32::midpoint(far, near), near - 0.05] {
            world.block(v(out + 0.06, low, z), v(out + 0.11, high, z + 0.05), &wood);
        }
        for y in [low, high - 0.05] {
            world.block(v(out + 0.06, y, far), v(out + 0.11, y + 0.05, near), &wood);
        }
    }
}

/// Curtains at both sides of a window in the back wall: folds of cloth.
pub(super) fn curtains(world: &mut World, room: Room, (left, right): (f32, f32), code: u32) {
    let fabric = cloth(code);
    let (top, z) = (room.height - 0.14, room.back + 0.11);
    for start in [left - 0.42, right + 0.02] {
        for fold in 0..7_u8 {
            let x = start + f32::from(fold) * 0.06;
            let sway = f32::from(fold % 3) * 0.012;
            world.post(v(x, 0.03, z + sway), top, (0.05, 0.034), &fabric);
        }
    }
    let rod = metal(0x0060_554a, 0.1);
    let (from, to) = (left - 0.5, right + 0.5);
    world.soft(
        v(f32::midpoint(from, to), top + 0.05, z),
        v((to - from) / 2.0, 0.014, 0.014),
        0.013,
        &rod,
    );
}

/// A picture in a frame on the back wall, with hills and a sun.
pub(super) fn framed(world: &mut World, middle: Vector, half: (f32, f32), codes: [u32; 4]) {
    let (x, y) = half;
    let frame = planks(0x0083_6040, 0.3, |at| (at.x, at.y));
    world.block(middle - v(x, y, 0.0), middle + v(x, y, 0.025), &frame);
    let [paper, sun, far, near] = codes.map(hex);
    let picture = Material::new(std::sync::Arc::new(move |at: Vector| {
        let at = at - middle;
        let (u, w) = (at.x / x, at.y / y);
        if w < -0.35 + 0.15 * (u * 3.0).sin() {
            near
        } else if w < -0.05 + 0.2 * (u * 2.0 + 1.0).cos() {
            far
        } else if (u - 0.25).powi(2) + ((w - 0.4) * y / x).powi(2) < 0.06 {
            sun
        } else {
            paper
        }
    }));
    let inner = v(x - 0.03, y - 0.03, 0.0);
    world.block(
        middle - inner + v(0.0, 0.0, 0.02),
        middle + inner + v(0.0, 0.0, 0.03),
        &picture,
    );
}

/// A lamp on a foot, lit.
pub(super) fn floor_lamp(world: &mut World, foot: Vector, height: f32) {
    let brass = metal(0x00a8_8350, 0.08);
    world.post(foot, 0.025, (0.15, 0.14), &brass);
    world.post(foot, height - 0.2, (0.014, 0.014), &brass);
    shade(world, foot + v(0.0, height - 0.3, 0.0), 0.2);
}

/// A lampshade with a bulb in it.
pub(super) fn shade(world: &mut World, foot: Vector, radius: f32) {
    let paper = matt(0x00f2_d9b0).glowing(v(0.8, 0.6, 0.38));
    world.post(foot, radius * 1.5, (radius, radius * 0.72), &paper);
    world.bulb(
        foot + v(0.0, radius * 0.7, 0.0),
        radius * 0.6,
        v(1.9, 1.5, 1.05) * radius,
    );
}

/// A lamp on a small table.
pub(super) fn table_lamp(world: &mut World, foot: Vector, code: u32) {
    let clay = matt(code).shiny(0.05, 0.12);
    world.ball(foot + v(0.0, 0.11, 0.0), v(0.09, 0.11, 0.09), &clay);
    world.post(foot + v(0.0, 0.2, 0.0), 0.1, (0.02, 0.02), &clay);
    shade(world, foot + v(0.0, 0.27, 0.0), 0.14);
}

/// A plant in a pot: leaves on stalks, as high as is said.
pub(super) fn plant(world: &mut World, foot: Vector, height: f32) {
    let pot = matt(0x00b9_6f4a);
    let size = height * 0.16;
    world.post(foot, size * 1.6, (size * 0.8, size), &pot);
    let leaf = leaves([0x003f_6b35, 0x0060_8f45], 6.0).shiny(0.04, 0.3);
    let stalk = matt(0x0054_6b3a);
    let mut chance = crate::chance::Chance::new(11);
    for number in 0..26_u8 {
        let around = f32::from(number) * 2.4;
        let level = height * chance.between(0.42, 1.0);
        let reach = height * chance.between(0.08, 0.30);
        let tip = foot + v(around.cos() * reach, level, around.sin() * reach);
        world.ball(tip, v(1.0, 0.35, 0.8) * (height * 0.085), &leaf);
    }
    for lean in [-0.03, 0.0, 0.04] {
        world.post(
            foot + v(lean, size, lean),
            height * 0.6,
            (0.012, 0.006),
            &stalk,
        );
    }
}

/// A sofa with its back to the back wall: its middle on the floor, half its width.
pub(super) fn sofa(world: &mut World, middle: Vector, half: f32, code: u32) {
    let fabric = cloth(code);
    let part = |world: &mut World, at: Vector, size: Vector, radius: f32| {
        world.soft(middle + at, size, radius, &fabric);
    };
    part(world, v(0.0, 0.24, 0.0), v(half, 0.14, 0.44), 0.05);
    part(world, v(0.0, 0.52, -0.36), v(half, 0.33, 0.11), 0.07);
    for side in [-1.0, 1.0] {
        part(
            world,
            v(side * (half - 0.1), 0.42, 0.0),
            v(0.11, 0.21, 0.45),
            0.07,
        );
        let seat = (half - 0.22) / 2.0;
        part(
            world,
            v(side * seat, 0.46, 0.06),
            v(seat - 0.005, 0.09, 0.40),
            0.06,
        );
        part(
            world,
            v(side * seat, 0.70, -0.21),
            v(seat - 0.02, 0.20, 0.10),
            0.08,
        );
        for z in [-0.36, 0.36] {
            let foot = middle + v(side * (half - 0.1), 0.0, z);
            world.post(foot, 0.12, (0.016, 0.024), &matt(0x006b_4a30));
        }
    }
}

/// A pillow that leans back.
pub(super) fn pillow(world: &mut World, middle: Vector, angle: f32, material: &Material) {
    world.soft_turned(middle, v(0.22, 0.19, 0.085), (0.08, angle), material);
}

/// A bed with its head at the back: the middle of its foot end on the floor, half its width.
pub(super) fn bed(world: &mut World, at: Vector, half: f32, [wood, throw]: [u32; 2]) {
    let frame = planks(wood, 0.4, |at| (at.x, at.y)).shiny(0.03, 0.2);
    let linen = cloth(0x00f1_ebe0);
    let long = 1.0;
    let middle = at + v(0.0, 0.0, -long);
    world.soft(
        middle + v(0.0, 0.2, 0.0),
        v(half + 0.04, 0.09, long + 0.03),
        0.02,
        &frame,
    );
    let head = middle + v(0.0, 0.55, -long - 0.05);
    world.soft(head, v(half + 0.08, 0.55, 0.035), 0.03, &frame);
    for x in [-half, half] {
        for z in [-long + 0.05, long - 0.05] {
            world.post(middle + v(x, 0.0, z), 0.13, (0.03, 0.03), &frame);
        }
    }
    world.soft(
        middle + v(0.0, 0.37, 0.0),
        v(half, 0.13, long),
        0.07,
        &linen,
    );
    let cover = v(half + 0.05, 0.11, long * 0.68);
    world.soft(middle + v(0.0, 0.45, 0.36), cover, 0.09, &linen);
    let blanket = cloth(throw);
    world.soft(
        middle + v(0.0, 0.46, 0.68),
        v(half + 0.06, 0.115, 0.27),
        0.08,
        &blanket,
    );
    let pillows: &[f32] = if half > 0.6 { &[-0.42, 0.42] } else { &[0.0] };
    for &x in pillows {
        let place = middle + v(x * half / 0.8, 0.60, -long + 0.27);
        world.soft(place, v(0.32, 0.13, 0.2), 0.12, &linen);
        world.soft(
            place + v(0.02, 0.08, 0.17),
            v(0.25, 0.13, 0.10),
            0.095,
            &blanket,
        );
    }
}

/// A rug on the floor.
pub(super) fn rug(world: &mut World, least: (f32, f32), most: (f32, f32), material: &Material) {
    let (low, high) = (v(least.0, 0.0, least.1), v(most.0, 0.015, most.1));
    world.block(low, high, material);
}

/// A basket, woven.
pub(super) fn basket(world: &mut World, foot: Vector, radius: f32) {
    let reed = shingles(0x00b4_8a58, 0.03, 0.06);
    world.post(foot, radius * 1.5, (radius * 0.85, radius), &reed);
}

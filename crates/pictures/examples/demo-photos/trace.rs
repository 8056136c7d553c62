//! Light, followed backwards from the eye.

use std::f32::consts::{PI, TAU};
use std::thread;

use crate::chance::{Chance, real};
use crate::materials::Material;
use crate::shapes::{NEAR, Ray};
use crate::vector::{BLACK, UP, Vector, mix, v};
use crate::world::{Light, Meeting, Tree, World};

/// Farther than everything.
const FAR: f32 = 1e6;

/// How many times light is thrown back at most.
const BOUNCES: usize = 3;

/// The most light that one sample may bring by way of other things: rare bright ones would be spots.
const INDIRECT_MAX: f32 = 1.6;

/// What is known of a pixel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pixel {
    pub(crate) light: Vector,
    /// The colour of what is seen, without its light.
    pub(crate) color: Vector,
    pub(crate) normal: Vector,
    pub(crate) depth: f32,
}

/// Width and height in pixels, and how many samples there are of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) samples: u16,
}

/// All pixels of a scene, by rows.
pub(crate) fn trace(world: &World, format: Format) -> Vec<Pixel> {
    let tree = Tree::new(&world.things);
    let tracer = Tracer {
        world,
        tree: &tree,
        is_inside: world.is_inside(),
    };
    let rows: Vec<u16> = (0..format.height).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(threads * 8).max(1);
    let mut pixels = Vec::with_capacity(rows.len() * usize::from(format.width));
    let mut parts = rows.chunks(share);
    loop {
        let batch: Vec<_> = parts.by_ref().take(threads).collect();
        if batch.is_empty() {
            return pixels;
        }
        thread::scope(|scope| {
            let running: Vec<_> = batch
                .into_iter()
                .map(|rows| scope.spawn(|| tracer.rows(rows, format)))
                .collect();
            for part in running {
                pixels.extend(part.join().expect("no thread panics"));
            }
        });
    }
}

/// How many lights are asked.
#[derive(Clone, Copy)]
enum Which {
    All,
    One,
}

struct Tracer<'a> {
    world: &'a World,
    tree: &'a Tree,
    is_inside: bool,
}

impl Tracer<'_> {
    fn rows(&self, rows: &[u16], format: Format) -> Vec<Pixel> {
        let mut pixels = Vec::new();
        for &row in rows {
            for column in 0..format.width {
                pixels.push(self.pixel((column, row), format));
            }
        }
        pixels
    }

    fn pixel(&self, (column, row): (u16, u16), format: Format) -> Pixel {
        let mut chance = Chance::new(u64::from(row) << 16 | u64::from(column));
        let mut sum = Pixel {
            light: BLACK,
            color: BLACK,
            normal: BLACK,
            depth: 0.0,
        };
        let share = 1.0 / f32::from(format.samples);
        for _ in 0..format.samples {
            let ray = self.eye((column, row), format, &mut chance);
            let seen = self.sample(ray, &mut chance);
            sum.light = sum.light + seen.light * share;
            sum.color = sum.color + seen.color * share;
            sum.normal = sum.normal + seen.normal * share;
            sum.depth += seen.depth * share;
        }
        sum
    }

    fn eye(&self, (column, row): (u16, u16), format: Format, chance: &mut Chance) -> Ray {
        let camera = self.world.camera;
        let ahead = (camera.at - camera.from).unit();
        let right = ahead.cross(UP).unit();
        let up = right.cross(ahead);
        let (width, height) = (f32::from(format.width), f32::from(format.height));
        let x = (f32::from(column) + chance.unit()) * 2.0 - width;
        let y = height - (f32::from(row) + chance.unit()) * 2.0;
        let scale = camera.reach / height;
        Ray {
            from: camera.from,
            to: (ahead + right * (x * scale) + up * (y * scale)).unit(),
        }
    }

    /// What one ray from the eye sees.
    fn sample(&self, ray: Ray, chance: &mut Chance) -> Pixel {
        let Some(meeting) = self.tree.meet(&self.world.things, ray, FAR) else {
            let light = self.world.sky.light(ray.to);
            return Pixel {
                light,
                color: light,
                normal: BLACK,
                depth: 500.0,
            };
        };
        let material = &self.world.things[meeting.thing].material;
        let at = ray.at(meeting.distance);
        let color = (material.paint)(at);
        let light = self.path(ray, chance);
        let clear = (-meeting.distance * self.world.haze).exp();
        Pixel {
            light: mix(self.world.sky.haze(), light, clear),
            color: mix(self.world.sky.haze(), color, clear) + material.glow,
            normal: meeting.normal,
            depth: meeting.distance.min(500.0),
        }
    }

    /// The light that comes along a ray.
    fn path(&self, mut ray: Ray, chance: &mut Chance) -> Vector {
        let (mut light, mut share) = (BLACK, v(1.0, 1.0, 1.0));
        // After a mirror, as from the eye, what gives light is seen; otherwise it was looked for.
        let mut sees_lights = true;
        for bounce in 0..BOUNCES {
            let limit = if bounce == 0 { FAR } else { INDIRECT_MAX };
            let mut add = |more: Vector| light = light + more.map(|part| part.min(limit));
            let Some(meeting) = self.tree.meet(&self.world.things, ray, FAR) else {
                if sees_lights {
                    add(share * self.world.sky.light(ray.to));
                } else if !self.is_inside {
                    add(share * self.world.sky.soft_light(ray.to));
                }
                return light;
            };
            let material = &self.world.things[meeting.thing].material;
            if sees_lights {
                add(share * material.glow);
            }
            let at = ray.at(meeting.distance);
            let normal = outward(meeting, ray);
            let bent = if sees_lights {
                material.bend(at, normal)
            } else {
                normal
            };
            let bent = if bent.dot(ray.to) < -0.02 {
                bent
            } else {
                normal
            };
            if chance.unit() < mirrored(material, bent.dot(ray.to)) {
                let to = ray.to - bent * (2.0 * bent.dot(ray.to));
                let to = to + on_ball(chance) * material.scatter;
                ray = away(at, normal, to);
                sees_lights = true;
                continue;
            }
            let color = if sees_lights {
                (material.paint)(at)
            } else {
                material.mean
            };
            share = share * color;
            let which = if bounce == 0 { Which::All } else { Which::One };
            add(share * self.lit(at + normal * NEAR, bent, which, chance));
            if bounce > 2 {
                let kept = share.greatest().clamp(0.05, 0.95);
                if chance.unit() > kept {
                    return light;
                }
                share = share * (1.0 / kept);
            }
            ray = away(at, normal, bent + on_ball(chance));
            sees_lights = false;
        }
        // What light would still be thrown back and forth is about the same everywhere.
        light + share * self.world.ambient
    }

    /// The light that falls on a point straight from the sun and from lights: from all of these, or from one
    /// that stands for all.
    fn lit(&self, at: Vector, normal: Vector, which: Which, chance: &mut Chance) -> Vector {
        let lights = &self.world.lights;
        let (asked, share) = match which {
            Which::One if lights.len() > 1 => {
                let drawn = chance.below(lights.len());
                (&lights[drawn..=drawn], real(lights.len()))
            }
            _ => (&lights[..], 1.0),
        };
        let mut light = BLACK;
        for source in asked {
            light = light + self.source_light(*source, (at, normal), chance) * share;
        }
        light + self.sun_light((at, normal), chance)
    }

    fn sun_light(&self, (at, normal): (Vector, Vector), chance: &mut Chance) -> Vector {
        let sky = &self.world.sky;
        let to_sun = (sky.sun + on_ball(chance) * 0.012).unit();
        let slope = normal.dot(to_sun);
        if slope > 0.0 && sky.sun.y > 0.0 && self.reaches(at, to_sun, FAR) {
            return sky.sunlight * slope;
        }
        BLACK
    }

    fn source_light(
        &self,
        source: Light,
        (at, normal): (Vector, Vector),
        chance: &mut Chance,
    ) -> Vector {
        match source {
            Light::Window(corner, first, second) => {
                let point = corner + first * chance.unit() + second * chance.unit();
                let across = first.cross(second);
                let way = point - at;
                let to = way.unit();
                let slope = normal.dot(to);
                if slope <= 0.0 || !self.reaches(at, to, FAR) {
                    return BLACK;
                }
                let seen = across.dot(to).abs() / way.dot(way);
                self.world.sky.soft_light(to) * (slope * seen / PI)
            }
            Light::Bulb(middle, radius, light) => {
                let way = middle + on_ball(chance) * radius - at;
                let to = way.unit();
                let slope = normal.dot(to);
                if slope <= 0.0 || !self.reaches(at, to, way.length() - NEAR) {
                    return BLACK;
                }
                light * (slope / way.dot(way).max(0.01))
            }
        }
    }

    fn reaches(&self, from: Vector, to: Vector, distance: f32) -> bool {
        !self
            .tree
            .blocks(&self.world.things, Ray { from, to }, distance)
    }
}

fn outward(meeting: Meeting, ray: Ray) -> Vector {
    if meeting.normal.dot(ray.to) > 0.0 {
        -meeting.normal
    } else {
        meeting.normal
    }
}

/// The share of light that a surface mirrors: more the flatter it falls on it.
fn mirrored(material: &Material, slope: f32) -> f32 {
    if material.mirror == 0.0 {
        return 0.0;
    }
    let slant = (1.0 + slope).clamp(0.0, 1.0).powi(5);
    material.mirror + (1.0 - material.mirror) * slant * (1.0 - material.scatter)
}

/// A ray from a surface, on its outer side whatever its bumps say.
fn away(at: Vector, normal: Vector, to: Vector) -> Ray {
    let to = to.unit();
    let depth = normal.dot(to);
    Ray {
        from: at + normal * NEAR,
        to: if depth > 0.0 {
            to
        } else {
            to - normal * (2.0 * depth)
        },
    }
}

/// A point on a ball of radius 1.
fn on_ball(chance: &mut Chance) -> Vector {
    let height = chance.between(-1.0, 1.0);
    let (sin, cos) = (chance.unit() * TAU).sin_cos();
    let around = (1.0 - height * height).max(0.0).sqrt();
    v(around * cos, height, around * sin)
}

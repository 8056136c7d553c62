//! A scene: its things, its lights and where it is seen from.

use crate::materials::Material;
use crate::shapes::{Bounds, Plane, Ray, Shape};
use crate::sky::Sky;
use crate::vector::{BLACK, UP, Vector, v};

#[derive(Clone, Copy)]
pub(crate) struct Camera {
    pub(crate) from: Vector,
    pub(crate) at: Vector,
    /// Half of what is seen from top to bottom, at a distance of 1.
    pub(crate) reach: f32,
}

/// What lights a scene beside the sky that rays happen to meet.
#[derive(Clone, Copy)]
pub(crate) enum Light {
    /// An opening to the sky: a corner and two sides.
    Window(Vector, Vector, Vector),
    /// Its middle, its radius, its light.
    Bulb(Vector, f32, Vector),
}

pub(crate) struct Thing {
    pub(crate) shape: Shape,
    pub(crate) material: Material,
}

pub(crate) struct World {
    pub(crate) things: Vec<Thing>,
    pub(crate) lights: Vec<Light>,
    pub(crate) sky: Sky,
    pub(crate) camera: Camera,
    /// The light that is everywhere.
    pub(crate) ambient: Vector,
    /// How much of the light becomes white.
    pub(crate) exposure: f32,
    /// How thick the air is, in shares of a metre.
    pub(crate) haze: f32,
}

impl World {
    pub(crate) fn new(sky: Sky, camera: Camera) -> Self {
        Self {
            things: Vec::new(),
            lights: Vec::new(),
            sky,
            camera,
            ambient: BLACK,
            exposure: 1.0,
            haze: 0.0,
        }
    }

    /// Whether the sky comes in by windows alone, which are then looked for.
    pub(crate) fn is_inside(&self) -> bool {
        let mut lights = self.lights.iter();
        lights.any(|light| matches!(light, Light::Window(..)))
    }

    pub(crate) fn add(&mut self, shape: Shape, material: &Material) {
        let material = material.clone();
        self.things.push(Thing { shape, material });
    }

    /// A box between two corners.
    pub(crate) fn block(&mut self, least: Vector, most: Vector, material: &Material) {
        self.add(Shape::Solid(sides(least, most)), material);
    }

    /// A box, turned around its middle.
    pub(crate) fn turned_block(
        &mut self,
        middle: Vector,
        half: Vector,
        angle: f32,
        material: &Material,
    ) {
        let planes = sides(-half, half).into_iter().map(|(normal, distance)| {
            let normal = normal.turned(angle);
            (normal, distance + normal.dot(middle))
        });
        self.add(Shape::Solid(planes.collect()), material);
    }

    /// A box with round edges, of which `half` is half its size in all.
    pub(crate) fn soft(&mut self, middle: Vector, half: Vector, radius: f32, material: &Material) {
        self.soft_turned(middle, half, (radius, 0.0), material);
    }

    pub(crate) fn soft_turned(
        &mut self,
        middle: Vector,
        half: Vector,
        (radius, angle): (f32, f32),
        material: &Material,
    ) {
        let inner = half.map(|side| (side - radius).max(0.0));
        self.add(Shape::Cushion(middle, inner, radius, angle), material);
    }

    pub(crate) fn ball(&mut self, middle: Vector, radii: Vector, material: &Material) {
        self.add(Shape::Ellipsoid(middle, radii), material);
    }

    /// A round post; its radii below and above.
    pub(crate) fn post(
        &mut self,
        foot: Vector,
        height: f32,
        (below, above): (f32, f32),
        material: &Material,
    ) {
        self.add(Shape::Cone(foot, height, below, above), material);
    }

    /// A roof of two slopes, whose ridge lies along `x`, over a box's upper side.
    pub(crate) fn gable(&mut self, least: Vector, most: Vector, height: f32, material: &Material) {
        let half = (most.z - least.z) / 2.0;
        let middle = f32::midpoint(most.z, least.z);
        let ridge = v(0.0, least.y + height, middle);
        let mut planes = sides(least, v(most.x, least.y + height, most.z));
        for side in [-1.0, 1.0] {
            let normal = v(0.0, half, side * height).unit();
            planes.push((normal, normal.dot(ridge)));
        }
        planes.retain(|(normal, _)| *normal != UP);
        self.add(Shape::Solid(planes), material);
    }

    /// A window without a pane as a light.
    pub(crate) fn window(&mut self, corner: Vector, first: Vector, second: Vector) {
        self.lights.push(Light::Window(corner, first, second));
    }

    pub(crate) fn bulb(&mut self, middle: Vector, radius: f32, light: Vector) {
        self.lights.push(Light::Bulb(middle, radius, light));
    }
}

fn sides(least: Vector, most: Vector) -> Vec<Plane> {
    vec![
        (v(1.0, 0.0, 0.0), most.x),
        (v(-1.0, 0.0, 0.0), -least.x),
        (v(0.0, 1.0, 0.0), most.y),
        (v(0.0, -1.0, 0.0), -least.y),
        (v(0.0, 0.0, 1.0), most.z),
        (v(0.0, 0.0, -1.0), -least.z),
    ]
}

/// Things by where they are, so that a ray asks few of them.
pub(crate) enum Tree {
    Leaf(Bounds, Vec<usize>),
    Fork(Bounds, Box<[Self; 2]>),
}

/// Where a ray meets a thing.
#[derive(Clone, Copy)]
pub(crate) struct Meeting {
    pub(crate) thing: usize,
    pub(crate) distance: f32,
    pub(crate) normal: Vector,
}

impl Tree {
    pub(crate) fn new(things: &[Thing]) -> Self {
        let bounds: Vec<_> = things.iter().map(|thing| thing.shape.bounds()).collect();
        Self::of(&bounds, (0..things.len()).collect())
    }

    fn of(bounds: &[Bounds], mut numbers: Vec<usize>) -> Self {
        let mut whole = bounds[numbers[0]];
        for &number in &numbers {
            whole = whole.around(bounds[number]);
        }
        if numbers.len() <= 3 {
            return Self::Leaf(whole, numbers);
        }
        let size = whole.most - whole.least;
        let place = |number: usize| {
            let middle = bounds[number].middle();
            if size.x >= size.y && size.x >= size.z {
                middle.x
            } else if size.y >= size.z {
                middle.y
            } else {
                middle.z
            }
        };
        numbers.sort_by(|&a, &b| place(a).total_cmp(&place(b)));
        let upper = numbers.split_off(numbers.len() / 2);
        let halves = [Self::of(bounds, numbers), Self::of(bounds, upper)];
        Self::Fork(whole, Box::new(halves))
    }

    /// The first thing that a ray meets before a distance.
    pub(crate) fn meet(&self, things: &[Thing], ray: Ray, before: f32) -> Option<Meeting> {
        let mut found = None;
        let inverse = ray.to.map(|side| 1.0 / side);
        self.search(things, (ray, inverse), before, &mut found);
        found
    }

    fn search(
        &self,
        things: &[Thing],
        (ray, inverse): (Ray, Vector),
        before: f32,
        found: &mut Option<Meeting>,
    ) {
        let nearest = found.as_ref().map_or(before, |found| found.distance);
        match self {
            Self::Leaf(bounds, numbers) => {
                if bounds.enter(ray, inverse, nearest).is_none() {
                    return;
                }
                for &thing in numbers {
                    let nearest = found.as_ref().map_or(before, |found| found.distance);
                    if let Some((distance, normal)) = things[thing].shape.meet(ray, nearest) {
                        *found = Some(Meeting {
                            thing,
                            distance,
                            normal,
                        });
                    }
                }
            }
            Self::Fork(bounds, halves) => {
                if bounds.enter(ray, inverse, nearest).is_some() {
                    let far = f32::INFINITY;
                    let enters = |half: &Self| half.bounds().enter(ray, inverse, far);
                    let [first, second] = &**halves;
                    let (a, b) = (enters(first), enters(second));
                    let [first, second] = if a.unwrap_or(far) <= b.unwrap_or(far) {
                        [first, second]
                    } else {
                        [second, first]
                    };
                    first.search(things, (ray, inverse), before, found);
                    second.search(things, (ray, inverse), before, found);
                }
            }
        }
    }

    fn bounds(&self) -> Bounds {
        match self {
            Self::Leaf(bounds, _) | Self::Fork(bounds, _) => *bounds,
        }
    }

    /// Whether something keeps light from passing. What glows does not.
    pub(crate) fn blocks(&self, things: &[Thing], ray: Ray, before: f32) -> bool {
        self.stops(things, (ray, ray.to.map(|side| 1.0 / side)), before)
    }

    fn stops(&self, things: &[Thing], (ray, inverse): (Ray, Vector), before: f32) -> bool {
        if self.bounds().enter(ray, inverse, before).is_none() {
            return false;
        }
        match self {
            Self::Leaf(_, numbers) => numbers.iter().any(|&thing| {
                let thing = &things[thing];
                !thing.material.glows() && thing.shape.meet(ray, before).is_some()
            }),
            Self::Fork(_, halves) => {
                let mut halves = halves.iter();
                halves.any(|half| half.stops(things, (ray, inverse), before))
            }
        }
    }
}

//! What things are made of, and where a ray meets them.

use crate::vector::{UP, Vector, v};

/// Nearer than this, a surface is the one that the ray leaves.
pub(crate) const NEAR: f32 = 1e-3;

/// A half line. The direction is of length 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ray {
    pub(crate) from: Vector,
    pub(crate) to: Vector,
}

impl Ray {
    pub(crate) fn at(self, distance: f32) -> Vector {
        self.from + self.to * distance
    }
}

/// A half space: the points whose product with the normal is at most the distance.
pub(crate) type Plane = (Vector, f32);

#[derive(Debug)]
pub(crate) enum Shape {
    /// The points on the inner side of all planes.
    Solid(Vec<Plane>),
    /// Middle and half axes.
    Ellipsoid(Vector, Vector),
    /// A box with round edges: its middle, half its sides without them, their radius, and how far it is
    /// turned around the vertical.
    Cushion(Vector, Vector, f32, f32),
    /// Upright: the middle of its foot, its height, the radius below and above.
    Cone(Vector, f32, f32, f32),
}

/// The box with sides along the axes around a shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) least: Vector,
    pub(crate) most: Vector,
}

impl Bounds {
    pub(crate) fn around(self, other: Self) -> Self {
        Self {
            least: self.least.with(other.least, f32::min),
            most: self.most.with(other.most, f32::max),
        }
    }

    pub(crate) fn middle(self) -> Vector {
        (self.least + self.most) * 0.5
    }

    /// Where a ray enters, if it does so before a distance.
    pub(crate) fn enter(self, ray: Ray, inverse: Vector, before: f32) -> Option<f32> {
        let first = (self.least - ray.from) * inverse;
        let second = (self.most - ray.from) * inverse;
        let near = first.with(second, f32::min);
        let far = first.with(second, f32::max);
        let enters = near.greatest().max(0.0);
        let leaves = far.x.min(far.y).min(far.z);
        (enters <= leaves && enters < before).then_some(enters)
    }
}

impl Shape {
    /// The distance and the normal where a ray meets the shape first, before a distance.
    pub(crate) fn meet(&self, ray: Ray, before: f32) -> Option<(f32, Vector)> {
        match self {
            Self::Solid(planes) => solid(planes, ray, before),
            Self::Ellipsoid(middle, radii) => ellipsoid(*middle, *radii, ray, before),
            Self::Cushion(middle, half, radius, angle) => {
                let local = Ray {
                    from: (ray.from - *middle).turned(-angle),
                    to: ray.to.turned(-angle),
                };
                let (distance, normal) = cushion(*half, *radius, local, before)?;
                Some((distance, normal.turned(*angle)))
            }
            Self::Cone(foot, height, below, above) => {
                let local = Ray {
                    from: ray.from - *foot,
                    to: ray.to,
                };
                cone((*height, *below, *above), local, before)
            }
        }
    }

    pub(crate) fn bounds(&self) -> Bounds {
        match self {
            Self::Solid(planes) => corners_of(planes),
            Self::Ellipsoid(middle, radii) => Bounds {
                least: *middle - *radii,
                most: *middle + *radii,
            },
            Self::Cushion(middle, half, radius, angle) => {
                let reach = half.map(|side| side + radius);
                let (sin, cos) = (angle.sin().abs(), angle.cos().abs());
                let reach = v(
                    reach.x * cos + reach.z * sin,
                    reach.y,
                    reach.z * cos + reach.x * sin,
                );
                Bounds {
                    least: *middle - reach,
                    most: *middle + reach,
                }
            }
            Self::Cone(foot, height, below, above) => {
                let radius = below.max(*above);
                Bounds {
                    least: *foot - v(radius, 0.0, radius),
                    most: *foot + v(radius, *height, radius),
                }
            }
        }
    }
}

/// The bounds of the corners, which are where three planes meet inside all others.
fn corners_of(planes: &[Plane]) -> Bounds {
    let far = 1e9;
    let mut bounds = Bounds {
        least: v(far, far, far),
        most: v(-far, -far, -far),
    };
    for (i, a) in planes.iter().enumerate() {
        for (j, b) in planes.iter().enumerate().skip(i + 1) {
            for c in planes.iter().skip(j + 1) {
                let volume = a.0.dot(b.0.cross(c.0));
                if volume.abs() < 1e-5 {
                    continue;
                }
                let sum = b.0.cross(c.0) * a.1 + c.0.cross(a.0) * b.1 + a.0.cross(b.0) * c.1;
                let corner = sum * (1.0 / volume);
                if planes.iter().all(|(n, d)| n.dot(corner) <= d + 1e-3) {
                    bounds = bounds.around(Bounds {
                        least: corner,
                        most: corner,
                    });
                }
            }
        }
    }
    bounds
}

fn solid(planes: &[Plane], ray: Ray, before: f32) -> Option<(f32, Vector)> {
    let (mut enters, mut leaves) = (f32::NEG_INFINITY, f32::INFINITY);
    let (mut front, mut back) = (UP, UP);
    for &(normal, distance) in planes {
        let slope = normal.dot(ray.to);
        let gap = distance - normal.dot(ray.from);
        if slope.abs() < 1e-9 {
            if gap < 0.0 {
                return None;
            }
            continue;
        }
        let at = gap / slope;
        if slope < 0.0 && at > enters {
            (enters, front) = (at, normal);
        } else if slope > 0.0 && at < leaves {
            (leaves, back) = (at, normal);
        }
    }
    if enters >= leaves {
        return None;
    }
    let (at, normal) = if enters > NEAR {
        (enters, front)
    } else {
        (leaves, back)
    };
    (at > NEAR && at < before).then_some((at, normal))
}

fn ellipsoid(middle: Vector, radii: Vector, ray: Ray, before: f32) -> Option<(f32, Vector)> {
    let shrink = radii.map(|radius| 1.0 / radius);
    let (from, to) = ((ray.from - middle) * shrink, ray.to * shrink);
    let (a, b, c) = (to.dot(to), from.dot(to), from.dot(from) - 1.0);
    let root = b * b - a * c;
    if root < 0.0 {
        return None;
    }
    let root = root.sqrt();
    let near = (-b - root) / a;
    let at = if near > NEAR { near } else { (root - b) / a };
    if at <= NEAR || at >= before {
        return None;
    }
    Some((at, ((from + to * at) * shrink).unit()))
}

/// In steps as long as the distance from the surface.
fn cushion(half: Vector, radius: f32, ray: Ray, before: f32) -> Option<(f32, Vector)> {
    let outside = |at: Vector| at.with(half, |side, half| (side.abs() - half).max(0.0));
    let gap = |at: Vector| outside(at).length() - radius;
    let reach = half.length() + radius * 2.0;
    let mut at = (ray.from.length() - reach).max(NEAR);
    // A ray that leaves the surface is close to it for its first steps.
    let leaves = gap(ray.from) < NEAR * 2.0;
    if leaves {
        at = NEAR * 4.0;
    }
    for _ in 0..64 {
        let point = ray.at(at);
        let distance = gap(point);
        if distance < 2e-4 {
            let normal = outside(point).with(point, f32::copysign).unit();
            if leaves && normal.dot(ray.to) >= 0.0 {
                return None;
            }
            return (at > NEAR && at < before).then_some((at, normal));
        }
        at += distance;
        if at > before || at > ray.from.length() + reach {
            return None;
        }
    }
    None
}

fn cone((height, below, above): (f32, f32, f32), ray: Ray, before: f32) -> Option<(f32, Vector)> {
    let slope = (above - below) / height;
    let radius = below + slope * ray.from.y;
    let flat = |vector: Vector| v(vector.x, 0.0, vector.z);
    let (from, to) = (flat(ray.from), flat(ray.to));
    let grows = slope * ray.to.y;
    let a = to.dot(to) - grows * grows;
    let b = from.dot(to) - radius * grows;
    let c = from.dot(from) - radius * radius;
    let mut nearest: Option<(f32, Vector)> = None;
    let mut offer = |at: f32, normal: Vector| {
        if at > NEAR && at < before && nearest.is_none_or(|(known, _)| at < known) {
            nearest = Some((at, normal));
        }
    };
    let root = b * b - a * c;
    if root >= 0.0 && a.abs() > 1e-9 {
        for at in [(-b - root.sqrt()) / a, (root.sqrt() - b) / a] {
            let point = ray.at(at);
            if (0.0..=height).contains(&point.y) {
                let around = flat(point).unit();
                offer(at, v(around.x, -slope, around.z).unit());
            }
        }
    }
    for (level, radius, normal) in [(0.0, below, -UP), (height, above, UP)] {
        let at = (level - ray.from.y) / ray.to.y;
        if flat(ray.at(at)).length() < radius {
            offer(at, normal);
        }
    }
    nearest
}

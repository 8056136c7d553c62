//! Points, directions and colours.

use std::ops::{Add, Mul, Neg, Sub};

/// Three numbers: metres with `y` upwards, or the light of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Vector {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) z: f32,
}

pub(crate) const BLACK: Vector = v(0.0, 0.0, 0.0);
pub(crate) const UP: Vector = v(0.0, 1.0, 0.0);

pub(crate) const fn v(x: f32, y: f32, z: f32) -> Vector {
    Vector { x, y, z }
}

/// A colour as designers write it, `0xRRGGBB` in sRGB, as amounts of light.
pub(crate) fn hex(code: u32) -> Vector {
    let [_, red, green, blue] = code.to_be_bytes();
    let light = |byte: u8| (f32::from(byte) / 255.0).powf(2.2);
    v(light(red), light(green), light(blue))
}

impl Vector {
    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub(crate) fn cross(self, other: Self) -> Self {
        v(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    pub(crate) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    pub(crate) fn unit(self) -> Self {
        self * (1.0 / self.length().max(1e-12))
    }

    pub(crate) fn map(self, change: impl Fn(f32) -> f32) -> Self {
        v(change(self.x), change(self.y), change(self.z))
    }

    pub(crate) fn with(self, other: Self, join: impl Fn(f32, f32) -> f32) -> Self {
        v(
            join(self.x, other.x),
            join(self.y, other.y),
            join(self.z, other.z),
        )
    }

    /// Turned around the vertical axis by an angle in radians.
    pub(crate) fn turned(self, angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        v(
            self.x * cos + self.z * sin,
            self.y,
            self.z * cos - self.x * sin,
        )
    }

    pub(crate) fn greatest(self) -> f32 {
        self.x.max(self.y).max(self.z)
    }
}

/// A colour between two: the first at 0, the second at 1.
pub(crate) fn mix(first: Vector, second: Vector, share: f32) -> Vector {
    first + (second - first) * share.clamp(0.0, 1.0)
}

/// Goes from 0 to 1 between two numbers.
pub(crate) fn ramp(from: f32, to: f32, at: f32) -> f32 {
    let share = ((at - from) / (to - from)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

impl Add for Vector {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        v(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Vector {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        v(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Neg for Vector {
    type Output = Self;
    fn neg(self) -> Self {
        v(-self.x, -self.y, -self.z)
    }
}

impl Mul<f32> for Vector {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        v(self.x * factor, self.y * factor, self.z * factor)
    }
}

impl Mul for Vector {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        v(self.x * other.x, self.y * other.y, self.z * other.z)
    }
}

//! What is far away: the sky, and what stands in front of it at the horizon.

use crate::chance::{noise, rough_noise};
use crate::vector::{Vector, hex, mix, ramp, v};

/// What lies at the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Distance {
    Hills,
    Peaks,
    Sea,
    Trees,
    Mesas,
}

/// The sky at an hour.
#[derive(Debug, Clone)]
pub(crate) struct Sky {
    zenith: Vector,
    horizon: Vector,
    /// Towards the sun.
    pub(crate) sun: Vector,
    pub(crate) sunlight: Vector,
    /// The share of the sky that clouds take.
    clouds: f32,
    cloud: Vector,
    distance: Distance,
    /// How bright and in which colour what lies at the horizon is.
    land: Vector,
}

impl Sky {
    pub(crate) fn day(distance: Distance, sun: Vector) -> Self {
        Self {
            zenith: hex(0x003f_78b8) * 1.1,
            horizon: hex(0x00c3_dcec) * 1.25,
            sun: sun.unit(),
            sunlight: v(3.6, 3.2, 2.6),
            clouds: 0.46,
            cloud: v(1.5, 1.48, 1.45),
            distance,
            land: v(1.0, 1.0, 1.0),
        }
    }

    pub(crate) fn evening(distance: Distance, sun: Vector) -> Self {
        Self {
            zenith: hex(0x003d_5a98) * 0.8,
            horizon: hex(0x00f0_bd98) * 0.8,
            sun: sun.unit(),
            sunlight: v(0.9, 0.5, 0.26) * 0.8,
            clouds: 0.5,
            cloud: v(0.72, 0.5, 0.47),
            distance,
            land: v(0.33, 0.34, 0.48),
        }
    }

    /// The light from a direction, without the sun itself.
    pub(crate) fn light(&self, to: Vector) -> Vector {
        let height = to.y;
        let around = to.z.atan2(to.x);
        if let Some(land) = self.land_at(height, around) {
            return land;
        }
        let mut light = mix(self.horizon, self.zenith, height.max(0.0).powf(0.55));
        let near = to.dot(self.sun).max(0.0);
        light = light + self.sunlight * (0.05 * near.powi(6) + 0.16 * near.powi(60));
        if height > 0.015 {
            let flat = v(to.x, 0.0, to.z) * (1.0 / (height + 0.12));
            let veil = rough_noise(flat * 0.9 + v(3.0, 0.0, 11.0));
            let cover = ramp(1.0 - self.clouds, 1.22 - self.clouds, veil);
            let shade = 0.8 + 0.3 * noise(flat * 1.7);
            light = mix(
                light,
                self.cloud * shade,
                cover * 0.85 * ramp(0.0, 0.12, height),
            );
        }
        light
    }

    /// The light from a direction, without what only the eye would notice.
    pub(crate) fn soft_light(&self, to: Vector) -> Vector {
        if to.y < 0.04 {
            return mix(hex(0x0060_7a50) * self.land, self.horizon, 0.25);
        }
        let light = mix(self.horizon, self.zenith, to.y.powf(0.55));
        let near = to.dot(self.sun).max(0.0);
        mix(light, self.cloud, 0.3 * self.clouds) + self.sunlight * (0.05 * near.powi(6))
    }

    fn land_at(&self, height: f32, around: f32) -> Option<Vector> {
        let wave = |scale: f32, seed: f32| rough_noise(v(around * scale, seed, 0.5));
        let haze = |color: u32, share: f32| mix(hex(color) * self.land, self.horizon, share);
        let texture = |scale: f32| 0.75 + 0.5 * noise(v(around * scale, height * scale, 2.0));
        match self.distance {
            Distance::Sea => (height < 0.0).then(|| {
                let near = ramp(0.0, 0.22, -height);
                let glint = noise(v(around * 60.0, (-height).sqrt() * 90.0, 1.0));
                let water = mix(haze(0x0058_93a8, 0.35), haze(0x0026_5a73, 0.0), near);
                water * (0.9 + 0.25 * glint)
            }),
            Distance::Hills => {
                if height < 0.10 * wave(3.0, 1.0) - 0.035 {
                    return Some(haze(0x0055_7a4a, 0.12) * texture(70.0));
                }
                (height < 0.16 * wave(2.2, 5.0) - 0.01).then(|| haze(0x005f_7f73, 0.5))
            }
            Distance::Peaks => {
                if height < 0.07 * wave(4.0, 1.0) - 0.01 {
                    return Some(haze(0x002f_4a3a, 0.1) * texture(120.0));
                }
                let crest = 0.06 + 0.22 * wave(3.4, 8.0);
                (height < crest).then(|| {
                    let line = 0.165 + 0.05 * noise(v(around * 40.0, 7.0, 1.0));
                    let snow = ramp(line, line + 0.015, height);
                    let rock = haze(0x0066_7488, 0.35) * (0.6 + 0.8 * wave(22.0, height * 16.0));
                    mix(rock, haze(0x00f2_f5fa, 0.1), snow)
                })
            }
            Distance::Trees => {
                let crowns = 0.07 * wave(9.0, 1.0) + 0.05 * wave(30.0, 4.0);
                (height < crowns - 0.01).then(|| {
                    let deep = ramp(-0.05, 0.1, height);
                    mix(haze(0x0031_4a26, 0.05), haze(0x006b_8a4a, 0.12), deep) * texture(46.0)
                })
            }
            Distance::Mesas => {
                let flat = ramp(0.46, 0.52, wave(1.6, 3.0)) * 0.11 + 0.012 * wave(14.0, 2.0);
                (height < flat - 0.006).then(|| {
                    let layers = 0.8 + 0.4 * noise(v(around * 3.0, height * 90.0, 3.0));
                    haze(0x00b8_6a44, 0.22) * layers
                })
            }
        }
    }

    pub(crate) fn haze(&self) -> Vector {
        self.horizon * 0.85
    }
}

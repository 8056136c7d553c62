//! Colors as sRGB: reads the color profiles that phones and cameras write (a matrix and three curves,
//! ICC.1:2010, section 8.3) and converts by them. Other profiles, those of printers and scanners, are
//! not used: the pixels then count as sRGB.

/// The most points of a curve.
const CURVE_POINTS_MAX: usize = 4096;

/// The most tags of a profile. Display P3 has 10.
const TAGS_MAX: usize = 100;

/// From the profile's connection space, XYZ under D50, to linear sRGB: the inverse of the matrix in
/// sRGB's own profile (IEC 61966-2-1, adapted by Bradford).
const TO_SRGB: [[f64; 3]; 3] = [
    [3.133_856_1, -1.616_866_7, -0.490_614_6],
    [-0.978_768_4, 1.916_141_5, 0.033_454_0],
    [0.071_945_3, -0.228_991_4, 1.405_242_7],
];

/// The steps of the table that turns linear light into sRGB's levels.
const STEPS: usize = 4096;

/// A way from a profile's colors to sRGB.
#[derive(Debug)]
pub(super) struct Conversion {
    /// Linear light for each level of a channel.
    curves: [Vec<f32>; 3],
    matrix: [[f32; 3]; 3],
    /// sRGB's level for each step of linear light.
    levels: Vec<u8>,
}

impl Conversion {
    /// Reads a profile. `None` if it is none, if it has another form, or if its colors are sRGB's.
    pub(super) fn from_profile(profile: &[u8]) -> Option<Self> {
        if profile.get(16..20)? != b"RGB " || profile.get(20..24)? != b"XYZ " {
            return None;
        }
        let columns = [b"rXYZ", b"gXYZ", b"bXYZ"].map(|name| xyz(tag(profile, name)?));
        let curves = [b"rTRC", b"gTRC", b"bTRC"].map(|name| curve(tag(profile, name)?));
        let [Some(red), Some(green), Some(blue)] = columns else {
            return None;
        };
        let [Some(red_curve), Some(green_curve), Some(blue_curve)] = curves else {
            return None;
        };
        let matrix = TO_SRGB.map(|row| {
            [red, green, blue].map(|column| {
                let sum: f64 = row
                    .iter()
                    .zip(column)
                    .map(|(left, right)| left * right)
                    .sum();
                single(sum)
            })
        });
        let levels = (0..=STEPS)
            .map(|step| srgb_level(fraction(step, STEPS)))
            .collect();
        let conversion = Self {
            curves: [red_curve, green_curve, blue_curve],
            matrix,
            levels,
        };
        if conversion.changes_nothing() {
            None
        } else {
            Some(conversion)
        }
    }

    /// Converts pixels of three bytes.
    pub(super) fn apply(&self, pixels: &mut [u8]) {
        for pixel in pixels.chunks_exact_mut(3) {
            let converted = self.convert([pixel[0], pixel[1], pixel[2]]);
            pixel.copy_from_slice(&converted);
        }
    }

    fn convert(&self, pixel: [u8; 3]) -> [u8; 3] {
        let [red, green, blue] =
            [0, 1, 2].map(|channel| self.curves[channel][usize::from(pixel[channel])]);
        self.matrix.map(|row| {
            let light = row[0] * red + row[1] * green + row[2] * blue;
            self.levels[step(light)]
        })
    }

    /// Whether a few colors come out as they are, but for rounding.
    fn changes_nothing(&self) -> bool {
        let samples = [
            [255, 0, 0],
            [0, 255, 0],
            [0, 0, 255],
            [200, 120, 60],
            [30, 90, 160],
        ];
        samples.into_iter().all(|sample| {
            let pairs = self.convert(sample).into_iter().zip(sample);
            pairs
                .into_iter()
                .all(|(after, before)| after.abs_diff(before) <= 2)
        })
    }
}

/// The data of a tag. The table of tags begins at byte 128: how many, then for each its name, where its
/// data begin, and their length.
fn tag<'a>(profile: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let count = number(profile, 128)?.min(TAGS_MAX);
    let entry = profile
        .get(132..)?
        .chunks_exact(12)
        .take(count)
        .find(|entry| entry.starts_with(name))?;
    let start = number(entry, 4)?;
    profile.get(start..start.checked_add(number(entry, 8)?)?)
}

/// A tag of type `XYZ `: three numbers.
fn xyz(data: &[u8]) -> Option<[f64; 3]> {
    data.strip_prefix(b"XYZ ")?;
    let [Some(x), Some(y), Some(z)] = [8, 12, 16].map(|at| fixed(data, at)) else {
        return None;
    };
    Some([x, y, z])
}

/// A tag of type `curv` or `para` as a table of linear light for each of 256 levels.
fn curve(data: &[u8]) -> Option<Vec<f32>> {
    let function: Box<dyn Fn(f64) -> f64> = match data.first_chunk()? {
        b"curv" => sampled(data)?,
        b"para" => parametric(data)?,
        _ => return None,
    };
    Some(
        (0..256)
            .map(|level| single(function(fraction(level, 255)).clamp(0.0, 1.0)))
            .collect(),
    )
}

/// No point is a straight line, one is an exponent, more are a table.
fn sampled(data: &[u8]) -> Option<Box<dyn Fn(f64) -> f64>> {
    let count = number(data, 8)?;
    if count > CURVE_POINTS_MAX {
        return None;
    }
    let points: Vec<f64> = data
        .get(12..)?
        .get(..count * 2)?
        .chunks_exact(2)
        .map(|pair| f64::from(u16::from_be_bytes([pair[0], pair[1]])))
        .collect();
    Some(match points.as_slice() {
        [] => Box::new(|level| level),
        &[exponent] => Box::new(move |level| level.powf(exponent / 256.0)),
        _ => Box::new(move |level| interpolate(&points, level) / 65_535.0),
    })
}

/// The five kinds of formulas of section 10.15.
fn parametric(data: &[u8]) -> Option<Box<dyn Fn(f64) -> f64>> {
    let kind = u16::from_be_bytes(*data.get(8..)?.first_chunk()?);
    let count = *[1, 3, 4, 5, 7].get(usize::from(kind))?;
    let values: Option<Vec<f64>> = (0..count)
        .map(|index| fixed(data, 12 + index * 4))
        .collect();
    let values = values?;
    let value = |index: usize| values.get(index).copied().unwrap_or(0.0);
    let exponent = value(0);
    let scale = if kind == 0 { 1.0 } else { value(1) };
    let shift = value(2);
    // From `threshold` the curve is a power, below it a straight line.
    let (slope, threshold, above, below) = match kind {
        1 => (0.0, -shift / scale, 0.0, 0.0),
        2 => (0.0, -shift / scale, value(3), value(3)),
        3 => (value(3), value(4), 0.0, 0.0),
        4 => (value(3), value(4), value(5), value(6)),
        _ => (0.0, 0.0, 0.0, 0.0),
    };
    Some(Box::new(move |level| {
        if level >= threshold {
            (scale * level + shift).max(0.0).powf(exponent) + above
        } else {
            slope * level + below
        }
    }))
}

fn interpolate(points: &[f64], level: f64) -> f64 {
    let last = points.len() - 1;
    let place = level * f64::from(u32::try_from(last).unwrap_or(u32::MAX));
    let below = (0..last)
        .rev()
        .find(|&index| fraction(index, 1) <= place)
        .unwrap_or(0);
    let share = place - fraction(below, 1);
    points[below] + (points[below + 1] - points[below]) * share
}

/// sRGB's level of linear light (IEC 61966-2-1).
fn srgb_level(light: f64) -> u8 {
    let level = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    rounded(level * 255.0)
}

/// A number of sixteen bits before the point and sixteen after it.
fn fixed(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from(i32::from_be_bytes(*data.get(at..)?.first_chunk()?)) / 65_536.0)
}

fn number(data: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(*data.get(at..)?.first_chunk()?)).ok()
}

fn fraction(part: usize, whole: usize) -> f64 {
    let float = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    float(part) / float(whole)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "seven digits are enough for 256 levels"
)]
fn single(number: f64) -> f32 {
    number as f32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float ends at the type's bounds"
)]
fn rounded(number: f64) -> u8 {
    number.round() as u8
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the number is between 0 and the steps"
)]
fn step(light: f32) -> usize {
    (light.clamp(0.0, 1.0) * STEPS as f32).round() as usize
}

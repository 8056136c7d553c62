//! Pictures with what photos have, made of noise: soft skies, fine texture, hard edges, grain. They are
//! the same on every machine, and of any size. Knows nothing of encoders.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places on a picture are small, and colors between 0 and 1"
)]

/// What is on a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scene {
    /// A sky with clouds above the sea and sand.
    Coast,
    /// A wall, a window, a floor of wood, a carpet.
    Room,
    /// Leaves and blossoms.
    Garden,
    /// Bricks and windows in rows.
    Facade,
}

/// All scenes, each with its name in the report.
pub(crate) const ALL: [(&str, Scene); 4] = [
    ("coast", Scene::Coast),
    ("room", Scene::Room),
    ("garden", Scene::Garden),
    ("facade", Scene::Facade),
];

type Color = [f32; 3];

/// The picture of a scene: three bytes a pixel, row by row.
pub(crate) fn render(scene: Scene, width: u32, height: u32) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    let unit = 1000.0 / height as f32;
    for row in 0..height {
        for column in 0..width {
            let (x, y) = (column as f32 * unit, row as f32 * unit);
            let color = match scene {
                Scene::Coast => coast(x, y),
                Scene::Room => room(x, y),
                Scene::Garden => garden(x, y),
                Scene::Facade => facade(x, y),
            };
            // The grain of a sensor, of about two levels.
            let grain = (hash(column as i32, row as i32, 99) - 0.5) * 0.016;
            pixels.extend(color.map(|level| ((level + grain).clamp(0.0, 1.0) * 255.0) as u8));
        }
    }
    pixels
}

fn coast(x: f32, y: f32) -> Color {
    let horizon = 420.0;
    if y < horizon {
        let cloud = ((fractal(x / 160.0, y / 70.0, 1) - 0.5) * 3.0).clamp(0.0, 1.0);
        let sky = mix([0.25, 0.48, 0.80], [0.76, 0.86, 0.94], y / horizon);
        return mix(sky, [0.97, 0.96, 0.95], cloud);
    }
    let shore = 700.0 + 60.0 * fractal(x / 200.0, 0.5, 2);
    if y < shore {
        let depth = (y - horizon) / (shore - horizon);
        let wave = fractal(x / (6.0 + 40.0 * depth), y / (2.0 + 8.0 * depth), 3);
        let water = mix([0.05, 0.27, 0.42], [0.32, 0.66, 0.68], depth);
        return mix(
            water,
            [0.93, 0.96, 0.97],
            ((wave - 0.58) * 4.0).clamp(0.0, 1.0),
        );
    }
    let ripple = fractal(x / 30.0, y / 9.0, 4) * 0.25 + fractal(x / 2.0, y / 2.0, 5) * 0.22;
    mix([0.60, 0.48, 0.34], [0.95, 0.86, 0.70], ripple * 1.9)
}

fn room(x: f32, y: f32) -> Color {
    let window = (300.0..720.0).contains(&x) && (120.0..560.0).contains(&y);
    if window {
        let frame =
            (x - 510.0).abs() < 9.0 || (y - 330.0).abs() < 9.0 || !(316.0..=704.0).contains(&x);
        let leaves = fractal(x / 14.0, y / 14.0, 6);
        let outside = mix([0.30, 0.48, 0.22], [0.86, 0.93, 0.99], leaves * 1.6 - 0.2);
        return if frame { [0.90, 0.89, 0.86] } else { outside };
    }
    if y > 680.0 {
        let board = (x * 0.9 + (y - 680.0) * 0.12).div_euclid(64.0);
        let grain = fractal(x / 90.0 + board * 7.0, y / 3.0, 7);
        let gap = (x * 0.9 + (y - 680.0) * 0.12).rem_euclid(64.0) < 1.6;
        let wood = mix([0.36, 0.22, 0.12], [0.74, 0.54, 0.34], grain);
        let carpet = ((x - 900.0) / 330.0).powi(2) + ((y - 860.0) / 100.0).powi(2) < 1.0;
        return match (carpet, gap) {
            (true, _) => mix(
                [0.50, 0.12, 0.12],
                [0.86, 0.42, 0.30],
                fractal(x / 2.5, y / 2.5, 8),
            ),
            (false, true) => [0.20, 0.12, 0.07],
            (false, false) => wood,
        };
    }
    let light = 1.0 - ((x - 510.0).hypot(y - 340.0) / 1400.0);
    mix(
        [0.50, 0.48, 0.44],
        [0.96, 0.94, 0.88],
        light + 0.05 * fractal(x / 6.0, y / 6.0, 9),
    )
}

fn garden(x: f32, y: f32) -> Color {
    let near = y / 1000.0;
    let size = 4.0 + 22.0 * near;
    let leaf = fractal(x / size, y / size, 10);
    let shade = fractal(x / 130.0, y / 130.0, 11);
    let green = mix(
        [0.05, 0.13, 0.04],
        [0.55, 0.72, 0.26],
        leaf * 1.5 * shade + 0.1 * near,
    );
    let (cell_x, cell_y) = ((x / 46.0).floor(), (y / 46.0).floor());
    let center_x = (cell_x + 0.3 + 0.4 * hash(cell_x as i32, cell_y as i32, 12)) * 46.0;
    let center_y = (cell_y + 0.3 + 0.4 * hash(cell_x as i32, cell_y as i32, 13)) * 46.0;
    let radius = 13.0 * hash(cell_x as i32, cell_y as i32, 14);
    if radius > 6.0 && (x - center_x).hypot(y - center_y) < radius {
        return mix([0.72, 0.20, 0.34], [0.98, 0.83, 0.86], leaf * 1.3);
    }
    green
}

fn facade(x: f32, y: f32) -> Color {
    let (in_x, in_y) = (x.rem_euclid(250.0), y.rem_euclid(330.0));
    if (70.0..180.0).contains(&in_x) && (80.0..240.0).contains(&in_y) {
        let bar = (in_x - 125.0).abs() < 4.0 || (in_y - 150.0).abs() < 4.0;
        let mirrored = fractal(x / 80.0, y / 60.0, 15);
        let glass = mix([0.10, 0.14, 0.20], [0.62, 0.74, 0.86], mirrored);
        return if bar { [0.93, 0.92, 0.90] } else { glass };
    }
    let course = (y / 14.0).floor();
    let shift = if course.rem_euclid(2.0) < 1.0 {
        0.0
    } else {
        20.0
    };
    let mortar = y.rem_euclid(14.0) < 2.0 || (x + shift).rem_euclid(40.0) < 2.0;
    let brick = hash(((x + shift) / 40.0).floor() as i32, course as i32, 16);
    let rough = fractal(x / 3.0, y / 3.0, 17);
    if mortar {
        return mix([0.62, 0.60, 0.56], [0.80, 0.78, 0.74], rough);
    }
    mix(
        [0.42, 0.17, 0.11],
        [0.76, 0.42, 0.30],
        0.6 * brick + 0.5 * rough,
    )
}

/// Noise of five octaves between 0 and 1.
fn fractal(x: f32, y: f32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut scale) = (0.0, 0.5, 1.0);
    for octave in 0..5 {
        sum += weight * noise(x * scale, y * scale, seed * 8 + octave);
        weight *= 0.5;
        scale *= 2.03;
    }
    sum / 0.968_75
}

/// Noise that is smooth between the points of a grid.
fn noise(x: f32, y: f32, seed: u32) -> f32 {
    let (column, row) = (x.floor(), y.floor());
    let (column_at, row_at) = (column as i32, row as i32);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (across, down) = (ease(x - column), ease(y - row));
    let between = |from: f32, to: f32, t: f32| from + (to - from) * t;
    let above = between(
        hash(column_at, row_at, seed),
        hash(column_at + 1, row_at, seed),
        across,
    );
    let below = between(
        hash(column_at, row_at + 1, seed),
        hash(column_at + 1, row_at + 1, seed),
        across,
    );
    between(above, below, down)
}

/// A number between 0 and 1 that belongs to a point.
fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let mut bits = (x as u32).wrapping_mul(0x9E37_79B1)
        ^ (y as u32).wrapping_mul(0x85EB_CA77)
        ^ seed.wrapping_mul(0xC2B2_AE3D);
    bits = (bits ^ (bits >> 15)).wrapping_mul(0x2C1B_3C6D);
    bits = (bits ^ (bits >> 12)).wrapping_mul(0x297A_2D39);
    ((bits ^ (bits >> 15)) >> 8) as f32 / 16_777_216.0
}

fn mix(from: Color, to: Color, share: f32) -> Color {
    let share = share.clamp(0.0, 1.0);
    std::array::from_fn(|channel| from[channel] + (to[channel] - from[channel]) * share)
}

//! What stands in the scenes.

use super::Random;
use super::canvas::{Canvas, Colour};
use super::palette::Palette;

/// The sky with the sun or the moon, and clouds or stars. `lowest` is how low the light may be.
pub(super) fn sky(canvas: &mut Canvas, palette: &Palette, random: &mut Random, lowest: i32) {
    canvas.background(palette.sky);
    if palette.is_night {
        for _ in 0..14 {
            let at = (random.between(4, 236), random.between(4, 70));
            canvas.circle(at, 1, palette.foam);
        }
    }
    let (at, radius) = (
        (random.between(36, 204), random.between(24, lowest)),
        random.between(10, 18),
    );
    if !palette.is_night {
        canvas.glow(at, radius * 2, palette.light);
    }
    canvas.circle(at, radius, palette.light);
    if palette.is_night && random.happens(60) {
        canvas.circle(
            (at.0 + radius / 2, at.1 - radius / 4),
            radius - 2,
            palette.sky[1],
        );
    }
    for _ in 0..random.between(0, 3) {
        let (x, y, size) = (
            random.between(10, 200),
            random.between(12, 52),
            random.between(5, 9),
        );
        let cloud = format!(
            "M{x} {y}h{}a{size} {size} 0 0 0-{size}-{size}a{} {} 0 0 0-{}-2a{size} {size} 0 0 0-{} {}z",
            size * 4,
            size + 3,
            size + 3,
            size * 2,
            size,
            size + 2
        );
        canvas.path(&cloud, palette.cloud);
    }
}

pub(super) fn sea(canvas: &mut Canvas, palette: &Palette, random: &mut Random, horizon: i32) {
    let (width, height) = (canvas.width(), canvas.height());
    for (band, colour) in (0..).zip(palette.water) {
        let y = horizon + band * 16;
        canvas.rectangle((0, y), (width, height - y), colour);
    }
    for _ in 0..7 {
        let (x, y) = (random.between(0, 220), horizon + random.between(4, 40));
        canvas.rectangle((x, y), (random.between(8, 30), 1), palette.foam);
    }
}

/// Far houses, as one shape.
pub(super) fn skyline(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
    let mut commands = "M0 160".to_owned();
    let mut x = 0;
    while x < canvas.width() {
        let next = x + random.between(14, 30);
        let top = random.between(44, 78);
        commands += &format!("L{x} {top}L{next} {top}");
        x = next;
    }
    commands += "V160z";
    canvas.path(&commands, palette.land[0]);
}

pub(super) fn windows(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    (x, top): (i32, i32),
    width: i32,
) {
    let columns = width / 14;
    let gap = (width - columns * 7) / (columns + 1);
    let mut y = top + 9;
    while y < 126 {
        for column in 0..columns {
            let lit = random.happens(70);
            let colour = if lit { palette.window } else { palette.trunk };
            canvas.rectangle((x + gap + column * (7 + gap), y), (7, 10), colour);
        }
        y += 20;
    }
    canvas.rectangle((x + width / 2 - 5, 132), (10, 18), palette.door);
}

/// A round tree, bare or with fruits of a colour.
pub(super) fn tree(
    canvas: &mut Canvas,
    palette: &Palette,
    (x, y): (i32, i32),
    radius: i32,
    fruit: Option<Colour>,
) {
    canvas.rectangle((x - 1, y), (3, radius + 4), palette.trunk);
    canvas.circle((x, y), radius, palette.leaf[1]);
    canvas.circle(
        (x - radius / 5, y - radius / 5),
        radius * 4 / 5,
        palette.leaf[0],
    );
    if let Some(fruit) = fruit {
        for (dx, dy) in [(-4, -1), (3, -4), (4, 4)] {
            canvas.circle(
                (x + dx * radius / 10, y + dy * radius / 10),
                radius / 6,
                fruit,
            );
        }
    }
}

pub(super) fn pine(
    canvas: &mut Canvas,
    [leaf, trunk]: [Colour; 2],
    (x, y): (i32, i32),
    height: i32,
) {
    let half = height / 4;
    canvas.rectangle((x - 1, y - 4), (3, 6), trunk);
    let (middle, top) = (y - height * 2 / 5, y - height);
    canvas.shape(
        &[
            (x - half, y - 3),
            (x - half / 3, middle),
            (x - half * 2 / 3, middle),
            (x, top),
            (x + half * 2 / 3, middle),
            (x + half / 3, middle),
            (x + half, y - 3),
        ],
        leaf,
    );
}

pub(super) fn umbrella(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.line(&format!("M{x} {y}l8-32"), 2, palette.trunk);
    canvas.path(
        &format!("M{} {}a20 18 0 0 1 38 10z", x - 11, y - 38),
        palette.fruit,
    );
    canvas.path(
        &format!("M{} {}a20 18 0 0 1 14-12l5 16z", x + 2, y - 33),
        palette.foam,
    );
}

pub(super) fn sail(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32), height: i32) {
    let half = height / 2;
    canvas.shape(
        &[(x, y - 3), (x, y - height), (x + half, y - 3)],
        palette.foam,
    );
    canvas.shape(
        &[
            (x - 1, y - 3),
            (x - 1, y - height * 4 / 5),
            (x - half, y - 3),
        ],
        palette.cloud,
    );
    canvas.shape(
        &[
            (x - half, y - 1),
            (x + half, y - 1),
            (x + half - 4, y + 3),
            (x - half + 4, y + 3),
        ],
        palette.door,
    );
}

pub(super) fn cactus(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32), height: i32) {
    let arm = height / 3;
    canvas.line(&format!("M{x} {y}v-{height}"), 5, palette.leaf[1]);
    canvas.line(&format!("M{x} {}h-8v-{arm}", y - arm), 4, palette.leaf[1]);
    canvas.line(
        &format!("M{x} {}h8v-{arm}", y - arm - 5),
        4,
        palette.leaf[1],
    );
}

/// Heights for [`Canvas::hills`], each from `least` to `most`.
pub(super) fn heights<const N: usize>(random: &mut Random, least: i32, most: i32) -> [i32; N] {
    std::array::from_fn(|_| random.between(least, most))
}

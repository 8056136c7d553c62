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

/// The forms that the roof of a house has.
#[derive(Clone, Copy)]
enum HouseRoof {
    /// With a chimney.
    Gable,
    Hip,
    Shed,
    Dome,
}

/// A house whose lower left corner is at `(x, y)`: one of several forms, about 60 wide.
pub(super) fn house(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    (x, y): (i32, i32),
) {
    let (width, height) = (random.between(46, 64), random.between(24, 34));
    let top = y - height;
    canvas.rectangle((x, top), (width, height), palette.wall);
    canvas.rectangle((x + width * 2 / 3, top), (width / 3, height), palette.shade);
    match random.one_of([
        HouseRoof::Gable,
        HouseRoof::Hip,
        HouseRoof::Shed,
        HouseRoof::Dome,
    ]) {
        HouseRoof::Gable => {
            canvas.rectangle((x + width - 18, top - 20), (7, 16), palette.shade);
            canvas.shape(
                &[
                    (x - 5, top),
                    (x + width / 2, top - 22),
                    (x + width + 5, top),
                ],
                palette.roof,
            );
        }
        HouseRoof::Hip => canvas.shape(
            &[
                (x - 5, top),
                (x + 8, top - 16),
                (x + width - 8, top - 16),
                (x + width + 5, top),
            ],
            palette.roof,
        ),
        HouseRoof::Shed => {
            canvas.shape(
                &[
                    (x - 4, top - 4),
                    (x + width + 4, top - 18),
                    (x + width + 4, top),
                    (x - 4, top),
                ],
                palette.roof,
            );
        }
        HouseRoof::Dome => {
            let radius = width / 2;
            canvas.path(
                &format!(
                    "M{x} {top}a{radius} {} 0 0 1 {} 0z",
                    radius * 2 / 3,
                    radius * 2
                ),
                palette.roof,
            );
        }
    }
    let door = x + random.between(6, 12);
    canvas.rectangle((door, y - 17), (10, 17), palette.door);
    for at in [door + 16, door + 28] {
        if at + 8 < x + width {
            canvas.rectangle((at, y - 18), (8, 8), palette.window);
        }
    }
}

/// The small house beside a tower.
pub(super) fn cottage(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.rectangle((x, y - 18), (44, 18), palette.wall);
    canvas.shape(
        &[
            (x - 4, y - 18),
            (x + 8, y - 32),
            (x + 36, y - 32),
            (x + 48, y - 18),
        ],
        palette.roof,
    );
    canvas.rectangle((x + 8, y - 13), (8, 13), palette.door);
    canvas.rectangle((x + 24, y - 13), (9, 7), palette.window);
}

pub(super) fn flat_house(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    (x, y): (i32, i32),
) {
    let (width, step) = (random.between(40, 56), random.between(24, 36));
    canvas.rectangle((x, y - 30), (width, 34), palette.wall);
    canvas.rectangle((x + width, y - 20), (step, 24), palette.shade);
    canvas.rectangle((x - 2, y - 33), (width + 4, 4), palette.roof);
    canvas.rectangle((x + width, y - 23), (step + 2, 4), palette.roof);
    for beam in 0..4 {
        canvas.rectangle((x + 5 + beam * width / 4, y - 26), (3, 2), palette.trunk);
    }
    canvas.path(
        &format!("M{} {}v-11a6 6 0 0 1 12 0v11z", x + 8, y + 4),
        palette.door,
    );
    canvas.rectangle((x + 27, y - 18), (8, 8), palette.window);
    canvas.rectangle((x + width + 8, y - 12), (8, 8), palette.window);
}

pub(super) fn a_frame(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.shape(&[(x - 8, y), (x + 26, y - 60), (x + 60, y)], palette.roof);
    canvas.shape(&[(x + 4, y), (x + 26, y - 44), (x + 48, y)], palette.wall);
    canvas.shape(
        &[(x + 15, y - 22), (x + 26, y - 40), (x + 37, y - 22)],
        palette.window,
    );
    canvas.rectangle((x + 21, y - 17), (10, 17), palette.door);
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

pub(super) fn pine(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32), height: i32) {
    let half = height / 4;
    canvas.rectangle((x - 1, y - 4), (3, 6), palette.trunk);
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
        palette.leaf[1],
    );
}

pub(super) fn palm(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32), height: i32) {
    let (top_x, top) = (x + 9, y - height);
    canvas.line(
        &format!("M{x} {y}Q{} {} {top_x} {top}", x - 2, y - height / 2),
        3,
        palette.trunk,
    );
    for (dx, dy, bend) in [
        (-20, 8, -8),
        (-14, -8, -10),
        (4, -13, -4),
        (18, -6, -10),
        (20, 10, -8),
    ] {
        let commands = format!("M{top_x} {top}q{} {} {dx} {dy}", dx / 2, bend);
        canvas.line(&commands, 4, palette.leaf[0]);
    }
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

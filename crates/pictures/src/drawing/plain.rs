//! What is drawn where a title names no landscape: a front, a door, a window or tiles. None of it
//! says where it is: no water, no hill, no rock and no sand.

use super::Random;
use super::buildings::building;
use super::canvas::{Canvas, Colour};
use super::palette::Palette;
use super::subject::Building;
use super::things::tree;

/// The height at which fronts stand.
const FOOT: i32 = 136;

/// A building as a title names it; for a house, as most are, one of four views.
pub(super) fn plain(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    subject: Building,
) {
    match (subject, random.index(5)) {
        (Building::House, 0) => door(canvas, palette, random),
        (Building::House, 1) => window(canvas, palette, random),
        (Building::House, 2) => tiles(canvas, palette, random),
        _ => front(canvas, palette, random, subject),
    }
}

fn front(canvas: &mut Canvas, palette: &Palette, random: &mut Random, subject: Building) {
    canvas.background(palette.sky);
    pattern(canvas, palette, random);
    // A boat lies on what mirrors the sky.
    let [far, near] = match subject {
        Building::Boat => [palette.sky[1], palette.sky[0]],
        _ => palette.floor,
    };
    canvas.rectangle((0, FOOT), (240, 24), far);
    canvas.rectangle((0, FOOT + 10), (240, 14), near);
    let (tenths, left, right) = match subject {
        Building::Flats | Building::Lighthouse | Building::Silo => (14, 0, 84),
        Building::Railcar => (15, 26, 116),
        Building::Boat => (17, 0, 100),
        Building::Adobe => (17, 0, 136),
        _ => (19, 0, 116),
    };
    let x = 120 - (right - left) / 2 + random.between(-12, 12);
    canvas.scaled((x, FOOT), tenths, |canvas| {
        building(canvas, palette, random, subject, (0, 0));
    });
    if subject == Building::Boat {
        return;
    }
    for at in [x - left - 24, x + right + 24] {
        if random.happens(85) {
            pot(canvas, palette, random, (at, FOOT + 8), 20);
        }
    }
}

/// Shapes behind a front.
fn pattern(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
    let x = 120 + random.between(-40, 40);
    match random.index(4) {
        0 => {
            canvas.glow((x, 84), 76, palette.light);
            canvas.circle((x, 84), 52, palette.light);
        }
        1 => {
            for ray in 0..7 {
                let from = -240 + ray * 100 + random.between(-8, 8);
                canvas.beam(&[(x, FOOT), (from, -20), (from + 46, -20)], palette.light);
            }
        }
        2 => {
            for (row, shift) in (0..5).zip([0, 12, 0, 12, 0]) {
                for column in 0..10 {
                    canvas.glow((12 + shift + column * 24, 14 + row * 24), 4, palette.light);
                }
            }
        }
        _ => {
            for radius in [112, 86, 60] {
                canvas.glow((x, FOOT), radius, palette.light);
            }
        }
    }
}

/// A door in a wall, with steps and plants.
fn door(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
    wall(canvas, palette);
    let x = 120 + random.between(-30, 30);
    canvas.path(
        &format!("M{} {FOOT}v-76a32 32 0 0 1 64 0v76z", x - 32),
        palette.shade,
    );
    canvas.path(
        &format!("M{} {FOOT}v-76a26 26 0 0 1 52 0v76z", x - 26),
        palette.door,
    );
    canvas.path(
        &format!("M{} {}a20 20 0 0 1 40 0z", x - 20, FOOT - 78),
        palette.window,
    );
    canvas.rectangle((x - 1, FOOT - 98), (2, 20), palette.door);
    for (left, top) in [(-20, -68), (3, -68), (-20, -32), (3, -32)] {
        canvas.rectangle((x + left, FOOT + top), (17, 28), palette.shade);
        canvas.rectangle((x + left + 2, FOOT + top + 2), (13, 24), palette.door);
    }
    canvas.circle((x + 21, FOOT - 36), 2, palette.light);
    canvas.rectangle((x - 42, FOOT - 2), (84, 6), palette.floor[0]);
    canvas.rectangle((x - 52, FOOT + 4), (104, 8), palette.shade);
    canvas.rectangle((x - 52, FOOT + 4), (104, 3), palette.floor[0]);
    let lamp = x + random.one_of([-48, 48]);
    canvas.glow((lamp, 58), 16, palette.light);
    canvas.rectangle((lamp - 4, 52), (8, 12), palette.light);
    canvas.shape(&[(lamp - 6, 52), (lamp, 46), (lamp + 6, 52)], palette.trunk);
    canvas.rectangle((lamp - 5, 64), (10, 2), palette.trunk);
    for (at, size) in [(x - 66, 24), (x + 66, 22)] {
        pot(canvas, palette, random, (at, FOOT + 8), size);
    }
}

/// A window with shutters, and flowers before it.
fn window(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
    wall(canvas, palette);
    let (x, top) = (82 + random.between(-10, 10), 28);
    for left in [x - 40, x + 80] {
        canvas.rectangle((left, top), (36, 84), palette.door);
        for slat in 0..9 {
            canvas.rectangle((left + 5, top + 7 + slat * 8), (26, 2), palette.shade);
        }
    }
    canvas.rectangle((x - 4, top - 4), (84, 92), palette.floor[0]);
    canvas.rectangle((x, top), (76, 84), palette.window);
    canvas.beam(
        &[
            (x + 8, top + 84),
            (x + 44, top),
            (x + 66, top),
            (x + 30, top + 84),
        ],
        palette.light,
    );
    if random.happens(60) {
        canvas.path(&format!("M{x} {top}h30q-2 34-30 52z"), palette.floor[1]);
        canvas.path(
            &format!("M{} {top}h-30q2 34 30 52z", x + 76),
            palette.floor[1],
        );
    }
    canvas.rectangle((x + 36, top), (4, 84), palette.floor[0]);
    canvas.rectangle((x, top + 38), (76, 4), palette.floor[0]);
    for plant in 0..9 {
        let at = (x + plant * 10 - 2, top + 84 - random.between(0, 7));
        canvas.circle(at, random.between(6, 9), palette.leaf[1]);
        canvas.circle((at.0 + 1, at.1 - 2), 5, palette.leaf[0]);
    }
    let flower = random.one_of([palette.fruit, palette.foam, palette.roof]);
    for plant in 0..8 {
        let at = (x + 3 + plant * 10, top + 78 + random.between(-5, 6));
        canvas.circle(at, 3, flower);
    }
    canvas.rectangle((x - 10, top + 88), (96, 15), palette.roof);
    canvas.rectangle((x - 12, top + 86), (100, 4), palette.trunk);
}

/// A wall over the whole sheet, with some of its stones.
fn wall(canvas: &mut Canvas, palette: &Palette) {
    canvas.rectangle((0, 0), (240, 160), palette.wall);
    for (x, y) in [
        (10, 18),
        (200, 12),
        (24, 92),
        (190, 100),
        (60, 8),
        (212, 52),
        (4, 54),
    ] {
        canvas.rectangle((x, y), (18, 7), palette.shade);
        canvas.rectangle((x + 21, y), (9, 7), palette.shade);
    }
    canvas.rectangle((0, FOOT - 12), (240, 12), palette.shade);
    canvas.rectangle((0, FOOT), (240, 24), palette.floor[1]);
}

/// Tiles on a wall: quarters, leaves, fruits and small houses.
fn tiles(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
    let grounds = [palette.wall, palette.shade, palette.floor[0], palette.light];
    let signs = [palette.roof, palette.door, palette.leaf[0], palette.fruit];
    for row in 0..4 {
        for column in 0..6 {
            let at = (column * 40, row * 40);
            let ground = grounds[random.index(grounds.len())];
            canvas.rectangle(at, (40, 40), ground);
            let sign = signs[random.index(signs.len())];
            tile(canvas, palette, random, at, sign);
        }
    }
}

fn tile(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    (x, y): (i32, i32),
    colour: Colour,
) {
    match random.index(7) {
        0 => canvas.path(&format!("M{x} {y}h40a40 40 0 0 1-40 40z"), colour),
        1 => canvas.path(&format!("M{} {y}v40a40 40 0 0 1-40-40z", x + 40), colour),
        2 => canvas.path(
            &format!("M{x} {}q0-40 40-40q0 40-40 40z", y + 40),
            palette.leaf[0],
        ),
        3 => canvas.path(
            &format!("M{x} {y}q40 0 40 40q-40 0-40-40z"),
            palette.leaf[1],
        ),
        4 => {
            canvas.circle((x + 20, y + 20), 16, palette.fruit);
            canvas.circle((x + 20, y + 20), 13, palette.foam);
            let spokes = format!(
                "M{} {}v20M{} {}h20M{} {}l14 14M{} {}l-14 14",
                x + 20,
                y + 10,
                x + 10,
                y + 20,
                x + 13,
                y + 13,
                x + 27,
                y + 13
            );
            canvas.circle((x + 20, y + 20), 11, palette.fruit);
            canvas.line(&spokes, 1, palette.foam);
        }
        5 => {
            let roof = [(x + 6, y + 20), (x + 20, y + 7), (x + 34, y + 20)];
            canvas.shape(&roof, palette.roof);
            canvas.rectangle((x + 10, y + 20), (20, 14), palette.foam);
            canvas.rectangle((x + 17, y + 24), (6, 10), palette.door);
        }
        _ => canvas.path(&format!("M{x} {}a20 20 0 0 1 40 0z", y + 40), colour),
    }
}

/// A plant in a pot, which stands at `(x, y)`.
fn pot(canvas: &mut Canvas, palette: &Palette, random: &mut Random, (x, y): (i32, i32), size: i32) {
    let rim = y - size * 4 / 5;
    match random.index(3) {
        0 => {
            let fruit = random.happens(70).then_some(palette.fruit);
            canvas.rectangle((x - 1, rim - size), (3, size), palette.trunk);
            tree(canvas, palette, (x, rim - size - 6), size * 3 / 5, fruit);
        }
        1 => {
            for (dx, dy) in [(-14, -16), (-7, -26), (0, -30), (7, -26), (14, -16)] {
                let leaf = format!(
                    "M{} {rim}Q{} {} {} {}",
                    x,
                    x + dx / 4,
                    rim + dy,
                    x + dx,
                    rim + dy
                );
                canvas.line(&leaf, 4, palette.leaf[usize::from(dx > 0)]);
            }
        }
        _ => {
            for (dx, dy, radius) in [(-6, -4, 8), (6, -5, 8), (0, -12, 9)] {
                canvas.circle((x + dx, rim + dy), radius, palette.leaf[1]);
                canvas.circle((x + dx - 1, rim + dy - 2), radius - 3, palette.leaf[0]);
            }
        }
    }
    let half = size / 2;
    canvas.shape(
        &[
            (x - half, rim),
            (x + half, rim),
            (x + half - 4, y),
            (x - half + 4, y),
        ],
        palette.roof,
    );
    canvas.rectangle((x - half - 2, rim - 2), (size + 4, 4), palette.door);
}

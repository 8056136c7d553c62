//! What one lives in, each about 60 wide and with its foot on a line.

use super::Random;
use super::canvas::Canvas;
use super::palette::Palette;
use super::subject::Building;

/// Draws a building whose lower left corner is at `at`.
pub(super) fn building(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    building: Building,
    at: (i32, i32),
) {
    match building {
        Building::House => house(canvas, palette, random, at),
        Building::Cabin if random.happens(50) => a_frame(canvas, palette, at),
        Building::Cabin => log_cabin(canvas, palette, at),
        Building::Barn => barn(canvas, palette, at),
        Building::Silo => silo(canvas, palette, at),
        Building::Flats => flats(canvas, palette, random, at),
        Building::Adobe => flat_house(canvas, palette, random, at),
        Building::Dome => dome(canvas, palette, at),
        Building::Boat => boat(canvas, palette, at),
        Building::Railcar => railcar(canvas, palette, at),
        Building::Caravan => caravan(canvas, palette, at),
        Building::Lighthouse => {
            cottage(canvas, palette, (at.0 + 26, at.1));
            tower(canvas, palette, (at.0 + 16, at.1), 74);
        }
    }
}

/// A tower with a light, whose foot is at `(x, y)` in its middle.
pub(super) fn tower(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32), height: i32) {
    let top = y - height;
    canvas.shape(
        &[
            (x - 8, top + 14),
            (x + 8, top + 14),
            (x + 12, y),
            (x - 12, y),
        ],
        palette.wall,
    );
    canvas.shape(
        &[(x, top + 14), (x + 8, top + 14), (x + 12, y), (x, y)],
        palette.shade,
    );
    for band in [0, 2] {
        let y = top + 26 + band * 16;
        canvas.shape(
            &[(x - 9, y), (x + 9, y), (x + 11, y + 14), (x - 11, y + 14)],
            palette.roof,
        );
    }
    canvas.rectangle((x - 11, top + 11), (22, 3), palette.roof);
    canvas.rectangle((x - 6, top), (12, 11), palette.window);
    canvas.shape(&[(x - 9, top), (x, top - 9), (x + 9, top)], palette.roof);
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
fn house(canvas: &mut Canvas, palette: &Palette, random: &mut Random, (x, y): (i32, i32)) {
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
    canvas.rectangle((door, y - 19), (11, 19), palette.door);
    for at in [door + 16, door + 29] {
        if at + 9 < x + width {
            canvas.rectangle((at, y - 19), (9, 11), palette.window);
        }
    }
}

/// The small house beside a tower.
fn cottage(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
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

fn flat_house(canvas: &mut Canvas, palette: &Palette, random: &mut Random, (x, y): (i32, i32)) {
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

fn a_frame(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.shape(&[(x - 8, y), (x + 26, y - 60), (x + 60, y)], palette.roof);
    canvas.shape(&[(x + 4, y), (x + 26, y - 44), (x + 48, y)], palette.wall);
    canvas.shape(
        &[(x + 15, y - 22), (x + 26, y - 40), (x + 37, y - 22)],
        palette.window,
    );
    canvas.rectangle((x + 21, y - 17), (10, 17), palette.door);
}

fn log_cabin(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.rectangle((x + 42, y - 54), (8, 20), palette.shade);
    canvas.rectangle((x, y - 28), (60, 28), palette.trunk);
    for log in 0..4 {
        canvas.rectangle((x, y - 7 - log * 7), (60, 1), palette.shade);
    }
    canvas.shape(
        &[(x - 6, y - 27), (x + 30, y - 52), (x + 66, y - 27)],
        palette.roof,
    );
    canvas.rectangle((x + 10, y - 19), (11, 19), palette.door);
    canvas.rectangle((x + 32, y - 20), (18, 11), palette.wall);
    canvas.rectangle((x + 33, y - 19), (7, 9), palette.window);
    canvas.rectangle((x + 42, y - 19), (7, 9), palette.window);
}

fn barn(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    let front = [
        (x, y),
        (x, y - 28),
        (x + 9, y - 46),
        (x + 30, y - 56),
        (x + 51, y - 46),
        (x + 60, y - 28),
        (x + 60, y),
    ];
    canvas.shape(&front, palette.roof);
    canvas.line(
        &format!("M{} {}l9-18 21-10 21 10 9 18", x, y - 28),
        4,
        palette.shade,
    );
    canvas.rectangle((x + 18, y - 24), (24, 24), palette.wall);
    canvas.rectangle((x + 20, y - 22), (20, 22), palette.door);
    canvas.line(
        &format!("M{} {y}l20-22M{} {}l20 22", x + 20, x + 20, y - 22),
        2,
        palette.wall,
    );
    canvas.rectangle((x + 24, y - 44), (12, 11), palette.wall);
    canvas.rectangle((x + 26, y - 42), (8, 9), palette.window);
}

fn silo(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.rectangle((x + 30, y - 22), (32, 22), palette.wall);
    canvas.shape(
        &[
            (x + 28, y - 22),
            (x + 32, y - 34),
            (x + 58, y - 34),
            (x + 66, y - 22),
        ],
        palette.door,
    );
    canvas.rectangle((x + 44, y - 15), (9, 8), palette.window);
    canvas.rectangle((x + 2, y - 62), (32, 62), palette.wall);
    canvas.rectangle((x + 20, y - 62), (14, 62), palette.shade);
    for band in 1..5 {
        canvas.rectangle((x + 2, y - 62 + band * 12), (32, 1), palette.shade);
    }
    canvas.path(&format!("M{x} {}a18 15 0 0 1 36 0z", y - 62), palette.roof);
    canvas.circle((x + 18, y - 46), 6, palette.window);
    canvas.path(
        &format!("M{} {y}v-14a6 6 0 0 1 12 0v14z", x + 12),
        palette.door,
    );
}

fn flats(canvas: &mut Canvas, palette: &Palette, random: &mut Random, (x, y): (i32, i32)) {
    let height = 80;
    canvas.rectangle((x + 4, y - height), (52, height), palette.wall);
    canvas.rectangle((x + 46, y - height), (10, height), palette.shade);
    canvas.rectangle((x + 1, y - height - 5), (58, 6), palette.roof);
    for floor in 0..3 {
        for column in 0..3 {
            let (left, top) = (x + 9 + column * 13, y - height + 8 + floor * 18);
            let is_lit = random.happens(65);
            let colour = if is_lit {
                palette.window
            } else {
                palette.trunk
            };
            canvas.rectangle((left, top), (8, 11), colour);
            canvas.rectangle((left - 1, top + 11), (10, 2), palette.shade);
        }
    }
    canvas.rectangle((x + 20, y - 18), (12, 18), palette.door);
    canvas.shape(
        &[
            (x + 15, y - 18),
            (x + 18, y - 24),
            (x + 34, y - 24),
            (x + 37, y - 18),
        ],
        palette.roof,
    );
}

fn dome(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.path(&format!("M{x} {y}v-6a31 36 0 0 1 62 0v6z"), palette.wall);
    canvas.path(
        &format!(
            "M{} {}a31 36 0 0 1 31 36v6h-16a60 70 0 0 0-15-42z",
            x + 31,
            y - 42
        ),
        palette.shade,
    );
    canvas.path(
        &format!("M{} {}A31 36 0 0 1 {} {}z", x + 8, y - 30, x + 54, y - 30),
        palette.roof,
    );
    canvas.path(
        &format!("M{} {y}v-13a7 7 0 0 1 14 0v13z", x + 24),
        palette.door,
    );
    canvas.circle((x + 48, y - 13), 5, palette.window);
}

fn boat(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.rectangle((x + 44, y - 44), (4, 14), palette.trunk);
    canvas.rectangle((x, y - 29), (56, 22), palette.wall);
    canvas.rectangle((x + 40, y - 29), (16, 22), palette.shade);
    canvas.rectangle((x - 4, y - 33), (64, 4), palette.roof);
    for window in 0..2 {
        canvas.rectangle((x + 18 + window * 13, y - 24), (9, 8), palette.window);
    }
    canvas.rectangle((x + 5, y - 25), (9, 18), palette.door);
    canvas.path(
        &format!("M{} {}h92q-2 12-12 15h-66q-12-3-14-15z", x - 16, y - 8),
        palette.door,
    );
    canvas.rectangle((x - 15, y - 8), (90, 2), palette.foam);
    canvas.circle((x + 48, y - 16), 5, palette.fruit);
    canvas.circle((x + 48, y - 16), 2, palette.shade);
    for (left, top, width) in [(-26, 8, 34), (14, 11, 44), (66, 8, 20)] {
        canvas.rectangle((x + left, y + top), (width, 1), palette.foam);
    }
}

fn railcar(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.rectangle((x - 24, y - 2), (108, 2), palette.trunk);
    for wheel in [-4, 8, 50, 62] {
        canvas.circle((x + wheel, y - 6), 5, palette.trunk);
    }
    canvas.rectangle((x - 14, y - 36), (88, 28), palette.door);
    canvas.path(
        &format!("M{} {}q2-10 14-10h64q12 0 14 10z", x - 16, y - 36),
        palette.roof,
    );
    canvas.rectangle((x - 14, y - 17), (88, 2), palette.foam);
    for window in 0..6 {
        canvas.rectangle((x - 1 + window * 11, y - 31), (8, 10), palette.window);
    }
    canvas.rectangle((x - 11, y - 31), (7, 23), palette.shade);
    canvas.rectangle((x + 65, y - 31), (7, 23), palette.shade);
}

fn caravan(canvas: &mut Canvas, palette: &Palette, (x, y): (i32, i32)) {
    canvas.line(&format!("M{} {}h16", x + 58, y - 7), 2, palette.trunk);
    canvas.path(
        &format!("M{x} {}v-20q0-14 14-14h32q16 0 16 18v16z", y - 6),
        palette.wall,
    );
    canvas.path(&format!("M{x} {}v-7h62v7z", y - 6), palette.roof);
    canvas.rectangle((x + 9, y - 32), (16, 11), palette.window);
    canvas.rectangle((x + 47, y - 30), (9, 9), palette.window);
    canvas.rectangle((x + 31, y - 33), (11, 27), palette.door);
    canvas.rectangle((x + 33, y - 31), (7, 8), palette.window);
    canvas.circle((x + 18, y - 6), 7, palette.trunk);
    canvas.circle((x + 18, y - 6), 3, palette.shade);
}

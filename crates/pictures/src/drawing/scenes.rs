//! The landscapes, each drawn from far to near, since later shapes cover earlier ones.

use super::Random;
use super::buildings::{building, tower};
use super::canvas::Canvas;
use super::palette::Palette;
use super::subject::Building;
use super::things::{cactus, heights, pine, sail, sea, sky, skyline, tree, umbrella, windows};

/// The sea, a beach, and a building above it; a boat lies on the water, and a lighthouse stands on a
/// rock.
pub(super) fn coast(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    subject: Building,
) {
    let horizon = random.between(72, 92);
    sky(canvas, palette, random, horizon - 8);
    sea(canvas, palette, random, horizon);
    if random.happens(60) {
        let at = (random.between(20, 130), horizon + random.between(2, 12));
        sail(canvas, palette, at, random.between(14, 26));
    }
    let left = random.happens(50);
    let (low, high) = (random.between(140, 150), random.between(100, 116));
    let beach = if left {
        [high, high + 8, 132, low, 158]
    } else {
        [158, low, 132, high + 8, high]
    };
    if subject == Building::Boat {
        let x = if left { 140 } else { 40 };
        building(canvas, palette, random, subject, (x, 118));
    }
    let [far, near] = if subject == Building::Lighthouse {
        [palette.stone[1], palette.stone[2]]
    } else {
        [palette.earth[0], palette.earth[1]]
    };
    canvas.hills(&beach, far);
    let x = if left {
        random.between(8, 24)
    } else {
        random.between(158, 172)
    };
    if subject == Building::Lighthouse {
        if palette.is_night || random.happens(30) {
            let edge = if left { 260 } else { -20 };
            let top = high - 66;
            let beam = [(x + 16, top), (edge, top - 24), (edge, top + 28)];
            canvas.beam(&beam, palette.light);
        }
        tower(canvas, palette, (x + 16, high + 10), 76);
    } else if subject != Building::Boat {
        building(canvas, palette, random, subject, (x, high + 12));
    }
    canvas.hills(&beach.map(|y| y + 12), near);
    if subject != Building::Lighthouse {
        let umbrella_at = if left { x + 84 } else { x - 22 };
        umbrella(canvas, palette, (umbrella_at, 150));
    }
}

/// Table mountains, sand, a building.
pub(super) fn desert(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    subject: Building,
) {
    sky(canvas, palette, random, 92);
    for layer in 0..2 {
        let mut x = random.between(-30, 30);
        while x < canvas.width() {
            let (width, top) = (random.between(50, 96), random.between(58, 84) + layer * 16);
            let slope = random.between(8, 16);
            let base = 118;
            let mesa = [
                (x, base),
                (x + slope, top),
                (x + width - slope, top),
                (x + width, base),
            ];
            canvas.shape(
                &mesa,
                palette.earth[usize::try_from(layer + 1).unwrap_or(1)],
            );
            x += width + random.between(10, 60);
        }
    }
    let ground = [
        random.between(104, 112),
        random.between(110, 118),
        random.between(104, 114),
    ];
    canvas.hills(&ground, palette.earth[0]);
    let x = random.between(40, 120);
    building(canvas, palette, random, on_land(subject), (x, 130));
    canvas.hills(&[132, 128, 138, 130], palette.earth[1]);
    for _ in 0..random.between(2, 4) {
        let at = (random.between(10, 230), random.between(140, 156));
        cactus(canvas, palette, at, random.between(18, 40));
    }
}

/// Rows of trees with fruits on level ground.
pub(super) fn grove(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    subject: Building,
) {
    sky(canvas, palette, random, 76);
    canvas.hills(&heights::<4>(random, 94, 98), palette.land[1]);
    let mut x = random.between(-10, 0);
    while x < canvas.width() {
        tree(canvas, palette, (x, 94), 8, None);
        x += random.between(14, 20);
    }
    canvas.hills(&[104, 103, 105, 104], palette.land[1]);
    let x = random.between(20, 150);
    building(canvas, palette, random, on_land(subject), (x, 114));
    canvas.hills(&[114, 112, 115, 113], palette.land[2]);
    for row in 0..2 {
        let (y, radius) = (126 + row * 21, 10 + row * 4);
        let step = radius * 2 + random.between(5, 9);
        let mut x = random.between(-step, 0);
        while x < canvas.width() + radius {
            tree(canvas, palette, (x, y), radius, Some(palette.fruit));
            x += step;
        }
        canvas.hills(&[y + radius + 3, y + radius], palette.land[2]);
    }
}

/// Still water, reeds, a building on the far bank, or a boat.
pub(super) fn lake(canvas: &mut Canvas, palette: &Palette, random: &mut Random, subject: Building) {
    sky(canvas, palette, random, 70);
    let mut x = random.between(-12, 0);
    while x < canvas.width() {
        let radius = random.between(9, 15);
        tree(canvas, palette, (x, 92 - radius / 2), radius, None);
        x += radius + random.between(4, 12);
    }
    canvas.hills(&heights::<6>(random, 92, 96), palette.land[1]);
    let x = random.between(50, 130);
    let (w, h) = (canvas.width(), canvas.height());
    if subject != Building::Boat {
        building(canvas, palette, random, subject, (x, 102));
    }
    canvas.rectangle((0, 102), (w, h), palette.water[0]);
    canvas.rectangle((0, 118), (w, h), palette.water[1]);
    if subject == Building::Boat {
        canvas.scaled((x - 20, 122), 13, |canvas| {
            building(canvas, palette, random, subject, (0, 0));
        });
    }
    for _ in 0..6 {
        let (x, y) = (random.between(0, 200), random.between(136, 154));
        canvas.rectangle((x, y), (random.between(14, 40), 1), palette.foam);
    }
    let side = random.one_of([4, 190]);
    for _ in 0..7 {
        let x = side + random.between(0, 44);
        let top = random.between(112, 136);
        canvas.line(&format!("M{x} 160V{top}"), 2, palette.leaf[0]);
        canvas.line(&format!("M{x} {}v7", top - 2), 4, palette.trunk);
    }
}

/// Pines around a building.
pub(super) fn forest(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    subject: Building,
) {
    sky(canvas, palette, random, 44);
    for (row, colour) in (0..3).zip(palette.land) {
        let y = 104 + row * 10;
        let mut x = random.between(-12, 0);
        while x < canvas.width() + 10 {
            pine(
                canvas,
                [colour, palette.trunk],
                (x, y),
                random.between(44, 70),
            );
            x += random.between(15, 22);
        }
        canvas.hills(&[y - 4, y - 2, y - 4], colour);
    }
    let x = random.between(60, 120);
    building(canvas, palette, random, on_land(subject), (x, 136));
    canvas.hills(&[138, 134, 140, 136], palette.land[1]);
    for at in [random.between(4, 40), random.between(196, 236)] {
        let height = random.between(64, 90);
        pine(canvas, [palette.leaf[1], palette.trunk], (at, 154), height);
    }
}

/// Peaks, pines, a building.
pub(super) fn mountains(
    canvas: &mut Canvas,
    palette: &Palette,
    random: &mut Random,
    subject: Building,
) {
    sky(canvas, palette, random, 60);
    let snow = random.happens(60);
    for _ in 0..random.between(2, 3) {
        let (x, top, half) = (
            random.between(20, 220),
            random.between(28, 56),
            random.between(54, 84),
        );
        canvas.shape(
            &[(x - half, 130), (x, top), (x + half, 130)],
            palette.stone[0],
        );
        canvas.shape(
            &[(x, top), (x + half, 130), (x + half / 4, 130)],
            palette.stone[1],
        );
        if snow {
            let drop = (130 - top) / 4;
            let side = half / 4;
            let cap = [
                (x, top),
                (x + side, top + drop),
                (x + side / 3, top + drop - 5),
                (x - side / 4, top + drop + 3),
                (x - side, top + drop),
            ];
            canvas.shape(&cap, palette.foam);
        }
    }
    canvas.hills(&heights::<4>(random, 96, 112), palette.land[0]);
    for _ in 0..random.between(5, 9) {
        let at = (random.between(0, 240), random.between(116, 124));
        let height = random.between(22, 40);
        pine(canvas, [palette.leaf[1], palette.trunk], at, height);
    }
    canvas.hills(&heights::<4>(random, 114, 124), palette.land[1]);
    let x = random.between(60, 130);
    building(canvas, palette, random, on_land(subject), (x, 136));
    canvas.hills(&[138, 134, 142, 136], palette.land[2]);
    for _ in 0..3 {
        let at = (
            random.one_of([8, 24, 40, 196, 214, 232]),
            random.between(148, 158),
        );
        let height = random.between(38, 58);
        pine(canvas, [palette.leaf[1], palette.trunk], at, height);
    }
}

/// Where there is no water, a boat would lie on land.
fn on_land(subject: Building) -> Building {
    match subject {
        Building::Boat => Building::House,
        other => other,
    }
}

/// The forms that the roofs of a town have.
#[derive(Clone, Copy)]
enum TownRoof {
    Gable,
    Flat,
    /// With a chimney.
    Hip,
}

/// Houses side by side, whatever one lives in.
pub(super) fn town(canvas: &mut Canvas, palette: &Palette, random: &mut Random, _: Building) {
    sky(canvas, palette, random, 64);
    skyline(canvas, palette, random);
    let mut x = random.between(-16, 0);
    let fronts = [
        [palette.wall, palette.roof],
        [palette.shade, palette.door],
        [palette.earth[0], palette.roof],
    ];
    let mut number = random.index(fronts.len());
    while x < canvas.width() {
        let (width, top) = (random.between(34, 52), random.between(62, 96));
        let [wall, roof] = fronts[number % fronts.len()];
        canvas.rectangle((x, top), (width, 160 - top), wall);
        match random.one_of([TownRoof::Gable, TownRoof::Flat, TownRoof::Hip]) {
            TownRoof::Gable => canvas.shape(
                &[
                    (x - 3, top),
                    (x + width / 2, top - 20),
                    (x + width + 3, top),
                ],
                roof,
            ),
            TownRoof::Flat => canvas.rectangle((x - 2, top - 5), (width + 4, 6), roof),
            TownRoof::Hip => {
                canvas.rectangle((x + 6, top - 16), (6, 14), palette.shade);
                canvas.shape(
                    &[
                        (x - 2, top),
                        (x + 6, top - 11),
                        (x + width - 6, top - 11),
                        (x + width + 2, top),
                    ],
                    roof,
                );
            }
        }
        windows(canvas, palette, random, (x, top), width);
        x += width + 1;
        number += 1;
    }
    canvas.rectangle((0, 150), (canvas.width(), 10), palette.land[2]);
    for _ in 0..random.between(2, 5) {
        tree(
            canvas,
            palette,
            (random.between(4, 236), 148),
            random.between(6, 11),
            None,
        );
    }
}

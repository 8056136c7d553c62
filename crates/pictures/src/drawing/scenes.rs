//! The scenes, each drawn from far to near, since later shapes cover earlier ones.

use super::Random;
use super::canvas::Canvas;
use super::palette::Palette;
use super::things::{
    a_frame, cactus, cottage, flat_house, heights, house, palm, pine, sail, sea, sky, skyline,
    tree, umbrella, windows,
};

/// The sea, a beach, and a house above it.
pub(super) fn coast(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
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
    canvas.hills(&beach, palette.earth[0]);
    canvas.hills(&beach.map(|y| y + 12), palette.earth[1]);
    let x = if left {
        random.between(8, 24)
    } else {
        random.between(158, 176)
    };
    house(canvas, palette, random, (x, high + 12));
    let palm_at = if left { x + 84 } else { x - 22 };
    if random.happens(65) {
        palm(canvas, palette, (palm_at, 146), random.between(52, 78));
    } else {
        umbrella(canvas, palette, (palm_at, 148));
    }
}

/// Table mountains, sand, a flat house.
pub(super) fn desert(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
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
    flat_house(canvas, palette, random, (x, 128));
    canvas.hills(&[132, 126, 138, 130], palette.earth[1]);
    for _ in 0..random.between(2, 4) {
        let at = (random.between(10, 230), random.between(140, 156));
        cactus(canvas, palette, at, random.between(18, 40));
    }
}

/// Hills with rows of trees, oranges in them.
pub(super) fn grove(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
    sky(canvas, palette, random, 80);
    canvas.hills(&heights::<5>(random, 66, 92), palette.land[0]);
    canvas.hills(&heights::<4>(random, 88, 104), palette.land[1]);
    let x = random.between(20, 150);
    house(canvas, palette, random, (x, 112));
    canvas.hills(&[116, 110, 118, 112], palette.land[2]);
    let fruit = random.happens(80).then_some(palette.fruit);
    for row in 0..2 {
        let (y, radius) = (124 + row * 21, 10 + row * 4);
        let step = radius * 2 + random.between(5, 9);
        let mut x = random.between(-step, 0);
        while x < canvas.width() + radius {
            tree(canvas, palette, (x, y), radius, fruit);
            x += step;
        }
        canvas.hills(&[y + radius + 3, y + radius], palette.land[2]);
    }
}

/// Still water, reeds, a house on the shore or on a boat.
pub(super) fn lake(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
    sky(canvas, palette, random, 76);
    canvas.hills(&heights::<5>(random, 62, 86), palette.land[0]);
    canvas.hills(&heights::<6>(random, 82, 96), palette.land[1]);
    for _ in 0..random.between(3, 7) {
        let at = (random.between(0, 240), 100);
        pine(canvas, palette, at, random.between(18, 34));
    }
    let x = random.between(50, 130);
    let (w, h) = (canvas.width(), canvas.height());
    canvas.rectangle((0, 100), (w, h), palette.water[0]);
    canvas.rectangle((0, 116), (w, h), palette.water[1]);
    house(canvas, palette, random, (x, 106));
    canvas.path(&format!("M{} 106h96l-8 10h-80z", x - 14), palette.trunk);
    for _ in 0..6 {
        let (x, y) = (random.between(0, 200), random.between(118, 152));
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

/// A tower on a rock above the sea.
pub(super) fn lighthouse(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
    let horizon = random.between(92, 106);
    sky(canvas, palette, random, horizon - 20);
    sea(canvas, palette, random, horizon);
    if random.happens(50) {
        sail(canvas, palette, (random.between(30, 200), horizon + 4), 14);
    }
    let left = random.happens(50);
    let x = if left {
        random.between(46, 70)
    } else {
        random.between(160, 186)
    };
    let rock = if left {
        [104, 100, 118, 150, 176]
    } else {
        [176, 150, 118, 100, 104]
    };
    let top = random.between(26, 38);
    if palette.is_night || random.happens(30) {
        let far = if left { 260 } else { -20 };
        let beam = [(x, top + 6), (far, top - 18), (far, top + 34)];
        canvas.beam(&beam, palette.light);
    }
    canvas.hills(&rock, palette.stone[1]);
    let foot = 108;
    canvas.shape(
        &[
            (x - 8, top + 14),
            (x + 8, top + 14),
            (x + 12, foot),
            (x - 12, foot),
        ],
        palette.wall,
    );
    canvas.shape(
        &[(x, top + 14), (x + 8, top + 14), (x + 12, foot), (x, foot)],
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
    let cottage_x = if left { x + 18 } else { x - 62 };
    cottage(canvas, palette, (cottage_x, foot + 4));
    canvas.hills(&rock.map(|y| y + 12), palette.stone[2]);
}

/// Peaks, pines, a cabin.
pub(super) fn mountains(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
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
        pine(canvas, palette, at, random.between(22, 40));
    }
    canvas.hills(&heights::<4>(random, 114, 124), palette.land[1]);
    let x = random.between(60, 130);
    if random.happens(55) {
        a_frame(canvas, palette, (x, 136));
    } else {
        house(canvas, palette, random, (x, 136));
    }
    canvas.hills(&[138, 134, 142, 136], palette.land[2]);
    for _ in 0..3 {
        let at = (
            random.one_of([8, 24, 40, 196, 214, 232]),
            random.between(148, 158),
        );
        pine(canvas, palette, at, random.between(38, 58));
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

/// Houses side by side.
pub(super) fn town(canvas: &mut Canvas, palette: &Palette, random: &mut Random) {
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

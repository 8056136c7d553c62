//! The light of an hour: the colours that a picture is drawn in.

use super::Random;
use super::canvas::Colour;

/// The colours of one picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub(super) sky: [Colour; 3],
    /// The sun or the moon.
    pub(super) light: Colour,
    pub(super) is_night: bool,
    pub(super) cloud: Colour,
    /// Hills from far to near.
    pub(super) land: [Colour; 3],
    /// Dry ground from far to near.
    pub(super) earth: [Colour; 3],
    /// Bare rock from far to near.
    pub(super) stone: [Colour; 3],
    /// Water from far to near.
    pub(super) water: [Colour; 3],
    pub(super) foam: Colour,
    pub(super) leaf: [Colour; 2],
    pub(super) trunk: Colour,
    pub(super) fruit: Colour,
    /// What a front stands on, from far to near.
    pub(super) floor: [Colour; 2],
    pub(super) wall: Colour,
    /// A wall in the shade.
    pub(super) shade: Colour,
    pub(super) roof: Colour,
    pub(super) door: Colour,
    pub(super) window: Colour,
}

impl Palette {
    /// One of five hours, most often the day, and the colours of a house in its light.
    pub(super) fn choose(random: &mut Random) -> Self {
        let hour = random.one_of([DAWN, DAY, DAY, GOLD, DUSK, NIGHT]);
        let [wall, shade] = random.one_of(hour.walls);
        let roof = random.one_of(hour.roofs);
        let door = random.one_of(hour.doors);
        Self {
            wall,
            shade,
            roof,
            door,
            ..hour.palette
        }
    }
}

#[derive(Clone, Copy)]
struct TimeOfDay {
    palette: Palette,
    walls: [[Colour; 2]; 5],
    roofs: [Colour; 5],
    doors: [Colour; 4],
}

const DAY: TimeOfDay = TimeOfDay {
    palette: Palette {
        sky: ["#8fcbe6", "#c3e4ee", "#eef5ea"],
        light: "#fff3b8",
        is_night: false,
        cloud: "#fdfdf8",
        land: ["#a9cfa4", "#6fae78", "#3f8556"],
        earth: ["#ecd2a2", "#e0b67a", "#c98f55"],
        stone: ["#b9c4c9", "#8d9da6", "#64757f"],
        water: ["#6fb9c9", "#3f9bb3", "#23809b"],
        foam: "#f3fbf6",
        leaf: ["#3f8a4d", "#2c6d3c"],
        trunk: "#7a5637",
        fruit: "#f58a1f",
        floor: ["#efe6d3", "#dccdb0"],
        wall: "",
        shade: "",
        roof: "",
        door: "",
        window: "#4f7d8f",
    },
    walls: [
        ["#fff6e6", "#ead9bd"],
        ["#f7dcae", "#e2bd84"],
        ["#f4c9b4", "#dda58a"],
        ["#dcebe6", "#b9d1c9"],
        ["#fbe9a9", "#e5cc78"],
    ],
    roofs: ["#c8552f", "#a8442b", "#5d6f78", "#7b4a34", "#2f6b57"],
    doors: ["#2f7d9a", "#d9701e", "#2d6b45", "#a33b32"],
};

const DAWN: TimeOfDay = TimeOfDay {
    palette: Palette {
        sky: ["#a7b8de", "#f2c9cf", "#fde6c8"],
        light: "#fff0cf",
        is_night: false,
        cloud: "#fbe3e2",
        land: ["#b6b9c9", "#7f9d94", "#4c7a6a"],
        earth: ["#ecc9b0", "#d9a58a", "#b67a63"],
        stone: ["#b8b3c9", "#8d88a8", "#63617f"],
        water: ["#c3bfd6", "#8fa6c4", "#5f86aa"],
        foam: "#fdf0ea",
        leaf: ["#4f8568", "#3a6a55"],
        trunk: "#755247",
        fruit: "#f0913f",
        floor: ["#e6d2d0", "#cbb0b2"],
        wall: "",
        shade: "",
        roof: "",
        door: "",
        window: "#7f8fae",
    },
    walls: [
        ["#fdf0e4", "#e5ccc0"],
        ["#f6d5c3", "#dcb09d"],
        ["#efc3b9", "#d09d95"],
        ["#dde1ea", "#b9c0d2"],
        ["#f8e3bb", "#e0c193"],
    ],
    roofs: ["#b85a4a", "#8f4a4a", "#656b88", "#75504d", "#4a7369"],
    doors: ["#47759a", "#d37a45", "#41705a", "#9a4a4f"],
};

const GOLD: TimeOfDay = TimeOfDay {
    palette: Palette {
        sky: ["#f6b45e", "#fbd08a", "#fdeabf"],
        light: "#fff4cf",
        is_night: false,
        cloud: "#fde3b6",
        land: ["#d9b06b", "#a58f4a", "#66703a"],
        earth: ["#eab977", "#d8934e", "#b56a35"],
        stone: ["#d8a878", "#b27c58", "#7f553f"],
        water: ["#e9b978", "#b99a78", "#6f8a86"],
        foam: "#fff1d6",
        leaf: ["#6b7d35", "#4f642c"],
        trunk: "#6b4428",
        fruit: "#e96a12",
        floor: ["#f2dcae", "#d8b980"],
        wall: "",
        shade: "",
        roof: "",
        door: "",
        window: "#a45a2a",
    },
    walls: [
        ["#fff0d2", "#e6c592"],
        ["#fbdba0", "#dfae68"],
        ["#f5bd8c", "#d89560"],
        ["#efe0b9", "#cfb886"],
        ["#fbe7a0", "#e2c264"],
    ],
    roofs: ["#b9471f", "#94381d", "#6d5a4a", "#7a4023", "#55622f"],
    doors: ["#3b6f78", "#c9560f", "#4b6230", "#8f2f24"],
};

const DUSK: TimeOfDay = TimeOfDay {
    palette: Palette {
        sky: ["#4a4b86", "#b0618a", "#f6a272"],
        light: "#ffd9a0",
        is_night: false,
        cloud: "#d98a8f",
        land: ["#7d5f86", "#54507a", "#343a5c"],
        earth: ["#b9707a", "#8a5268", "#5f3d56"],
        stone: ["#8f6a90", "#654f7c", "#443c63"],
        water: ["#b3708a", "#75608f", "#484f80"],
        foam: "#f8c9a8",
        leaf: ["#3c5a5c", "#2c4550"],
        trunk: "#3d3048",
        fruit: "#f28a3c",
        floor: ["#90739a", "#6c5880"],
        wall: "",
        shade: "",
        roof: "",
        door: "",
        window: "#ffcf70",
    },
    walls: [
        ["#e2b8ae", "#b98a95"],
        ["#d79a8c", "#a8707c"],
        ["#c88a95", "#976687"],
        ["#b3a3bd", "#86799f"],
        ["#e5bf9a", "#b98f85"],
    ],
    roofs: ["#7a3450", "#5c2f52", "#3d3a63", "#54324a", "#33505c"],
    doors: ["#2f3f6b", "#8f4038", "#2c4a4a", "#5f2848"],
};

const NIGHT: TimeOfDay = TimeOfDay {
    palette: Palette {
        sky: ["#131f3d", "#223560", "#3d5685"],
        light: "#f6efd5",
        is_night: true,
        cloud: "#31477a",
        land: ["#2c4a6a", "#1e3954", "#13283d"],
        earth: ["#4a5576", "#36415f", "#242e47"],
        stone: ["#43567d", "#304167", "#1f2d4b"],
        water: ["#3a5a8c", "#294672", "#1b3259"],
        foam: "#a9c0e0",
        leaf: ["#1f4a4a", "#15373d"],
        trunk: "#2b2a3c",
        fruit: "#d9762b",
        floor: ["#33456c", "#273759"],
        wall: "",
        shade: "",
        roof: "",
        door: "",
        window: "#ffd675",
    },
    walls: [
        ["#8394b5", "#61719a"],
        ["#7a86a8", "#58648b"],
        ["#8a7f9f", "#675d82"],
        ["#6f8ca0", "#4f6a83"],
        ["#9a94a0", "#757086"],
    ],
    roofs: ["#45314f", "#33284a", "#222f52", "#3a2b3f", "#1e3d4a"],
    doors: ["#1f3158", "#5c3433", "#1b3a3c", "#41244a"],
};

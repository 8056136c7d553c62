//! The scenes, by the names of their photos.

mod house;
mod inside;
mod outside;
mod room;
mod trees;
mod views;

use crate::world::World;

/// A scene by the name of its photo.
type Scene = (&'static str, fn() -> World);

/// All scenes.
pub(crate) const SCENES: &[Scene] = &[
    ("white-house", outside::white_house),
    ("white-house-evening", outside::white_house_evening),
    ("green-house", outside::green_house),
    ("lemon-house", outside::lemon_house),
    ("shingle-cottage", outside::shingle_cottage),
    ("cabin", outside::cabin),
    ("a-frame", outside::a_frame),
    ("adobe", outside::adobe),
    ("brick-row", outside::brick_row),
    ("water-view", views::water_view),
    ("hill-view", views::hill_view),
    ("living-room", inside::living_room),
    ("fireside", inside::fireside),
    ("bedroom", inside::bedroom),
    ("twin-room", inside::twin_room),
    ("kitchen", inside::kitchen),
    ("bathroom", inside::bathroom),
];

//! What a picture is of.

/// The landscape that a title names, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// No landscape: a house front, a door, a window or tiles, which can be anywhere.
    Plain,
    /// The sea and a beach.
    Coast,
    /// Still water with reeds.
    Lake,
    /// Table mountains and sand.
    Desert,
    /// Trees in rows, with fruits.
    Grove,
    /// Pines.
    Forest,
    /// Peaks and pines.
    Mountains,
    /// Houses side by side.
    Town,
}

impl Scene {
    pub(super) const ALL: [Self; 8] = [
        Self::Plain,
        Self::Coast,
        Self::Lake,
        Self::Desert,
        Self::Grove,
        Self::Forest,
        Self::Mountains,
        Self::Town,
    ];

    /// The first part of a picture's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Coast => "coast",
            Self::Lake => "lake",
            Self::Desert => "desert",
            Self::Grove => "grove",
            Self::Forest => "forest",
            Self::Mountains => "mountains",
            Self::Town => "town",
        }
    }
}

/// What one lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Building {
    /// A house, and what nobody has said.
    House,
    /// A wooden cabin.
    Cabin,
    /// A barn with its large door.
    Barn,
    /// A round silo.
    Silo,
    /// A house of several floors.
    Flats,
    /// A house of clay with a flat roof.
    Adobe,
    /// A round house.
    Dome,
    /// A boat to live on.
    Boat,
    /// A railway car.
    Railcar,
    /// A caravan.
    Caravan,
    /// A lighthouse with its keeper's house.
    Lighthouse,
}

impl Building {
    pub(super) const ALL: [Self; 11] = [
        Self::House,
        Self::Cabin,
        Self::Barn,
        Self::Silo,
        Self::Flats,
        Self::Adobe,
        Self::Dome,
        Self::Boat,
        Self::Railcar,
        Self::Caravan,
        Self::Lighthouse,
    ];

    /// The second part of a picture's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::House => "house",
            Self::Cabin => "cabin",
            Self::Barn => "barn",
            Self::Silo => "silo",
            Self::Flats => "flats",
            Self::Adobe => "adobe",
            Self::Dome => "dome",
            Self::Boat => "boat",
            Self::Railcar => "railcar",
            Self::Caravan => "caravan",
            Self::Lighthouse => "lighthouse",
        }
    }
}

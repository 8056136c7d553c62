//! Pictures that are drawn where there is no photo, and photos made ready for the web. Knows no
//! database, no HTTP, and not what the pictures are of: the application says which words call for
//! which scene.

pub mod drawing;
pub mod photo;

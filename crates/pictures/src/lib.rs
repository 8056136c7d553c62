//! Pictures that are drawn where there is no photo. Knows no database, no HTTP, and not what the
//! pictures are of: the application says which words call for which scene.

pub mod drawing;

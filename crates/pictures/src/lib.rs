//! Pictures: those that are drawn where there is no photo. Knows no database and no HTTP, and not
//! what the pictures are of: which words call for which scene is the application's to say.

pub mod drawing;

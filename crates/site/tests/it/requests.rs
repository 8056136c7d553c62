//! How requests are read and answered, whatever page they ask for.

mod compression;
mod errors;
mod headers;
mod hosts;
mod limits;
mod logged;
mod methods;
mod proxies;
mod slashes;

//! The tidiness of the sources: the rules of the house that no compiler knows. Each rule is a
//! function of a text, tried on examples of its own, and then asked about every file.

mod cycles;
mod dependencies;
mod environment;
mod french;
mod guides;
mod layout;
mod links;
mod owners;
mod release;
mod returns;
mod rows;
mod servers;
mod tree;
mod unused;
mod words;

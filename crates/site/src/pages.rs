//! The pages, one file each; the template of a page has its path and stem.

pub mod accommodation;
pub mod admin;
pub mod card;
pub mod components;
pub mod dates;
pub mod error;
pub mod health;
pub mod home;
pub mod icon;
pub mod language;
pub mod letting_detail;
pub mod letting_list;
pub mod metrics;
pub mod offer;
pub mod offer_icons;
pub mod offer_words;
pub mod pager;
pub mod picture;
pub mod postal;
pub mod price_table;
pub mod pricing;
pub mod profile_detail;
pub mod profile_list;
pub mod robots;
pub mod sitemap;
pub mod stay;

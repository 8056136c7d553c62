//! OC Lettings, the application: it alone wires the crates together, and it alone knows
//! lettings and profiles.

pub mod calendar;
pub mod cli;
pub mod countries;
pub mod money;
pub mod places;
pub mod release;
pub mod settings;
pub mod states;
pub mod systemd;
pub mod volume;
pub mod words;

pub mod checks;
pub mod demo;
pub mod plan_summary;
pub mod schema;
pub mod static_files;

pub mod observability;

mod addresses;
pub mod front;
pub mod registrations;
pub mod router;
pub mod state;

pub mod domain;
pub mod drafts;
pub mod emails;
pub mod enquiries;
pub mod enquiry_counts;
pub mod feed_alarm;
pub mod feed_problems;
pub mod feeds;
pub mod frame;
pub mod head;
pub mod legal_links;
pub mod letters;
pub mod markdown;
pub mod pages;
pub mod photos;
pub mod replies;
pub mod texts;

//! The site through its public doors: HTTP on the real router, the command line, files. Each
//! test has a database of its own, and what can be tested on both kinds is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod admin;
mod collectstatic;
mod pages;
mod reports;
mod requests;
mod search;
mod static_files;

mod accounts;
mod adoption;
mod backup;
mod blueprint;
mod calendars;
mod catalogue;
mod corpus;
mod demo;
mod deploy;
mod derived;
mod django;
mod fixtures;
mod freshness;
mod handback;
mod homes;
mod legal;
mod odd_databases;
mod odd_rows;
mod older_site;
mod outages;
mod page_cache;
mod photos;
mod postal;
mod postgres_servers;
mod prices;
mod records;
mod reference;
mod statements;
mod stays;

mod colours;
mod command_line;
mod commands;
mod documents;
mod emails;
mod enquiries;
mod hostile_forms;
mod monitoring;
mod mutations;
mod serving;
mod smtp;
mod starting;

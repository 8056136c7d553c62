//! The site without its request log and its metrics, to measure what these cost.
//!
//! `cargo run --release --package site --example without_log -- 127.0.0.1:8000` serves it, with
//! the settings of the environment.

use std::net::SocketAddr;

use anyhow::Context as _;
use server::{Config, Limits, bind, serve};
use site::router::router_without_log;
use site::settings::{RequiredSettings, Settings};
use site::state::AppState;

fn main() -> anyhow::Result<()> {
    let address = std::env::args().nth(1).context("which address?")?;
    let address: SocketAddr = address.parse()?;
    let settings = Settings::load(RequiredSettings::Serve)
        .map_err(|problems| anyhow::anyhow!("{problems}"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(settings.web_concurrency.get())
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let state = AppState::new(&settings, None)?;
        let config = Config {
            stats: state.server.clone(),
            ..Config::new(Limits::production())
        };
        let router = router_without_log(&settings, state)?;
        let listener = bind(address)?.listen()?;
        let report = serve(listener, router, config, std::future::pending()).await;
        anyhow::bail!("it stopped: {report:?}")
    })
}

//! hyper alone, with one file in memory: what a static file costs at least, to compare with.
//!
//! `cargo run --release --package server --example bare -- 8000 FILE` answers every request with it.

use std::convert::Infallible;
use std::error::Error;
use std::net::Ipv4Addr;

use axum::body::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().ok_or("which port?")?.parse()?;
    let file = std::fs::read(arguments.next().ok_or("which file?")?)?;
    let content = Bytes::from(file);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let content = content.clone();
        let service = service_fn(move |_: Request<Incoming>| {
            let response = Response::new(Full::new(content.clone()));
            std::future::ready(Ok::<_, Infallible>(response))
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
        tokio::spawn(connection);
    }
}

//! A web server that makes itself discoverable: `cargo run --example axum --features tokio`.

use axum::{Router, routing::get};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("0.0.0.0:0").await?;
    let _answering = cooee::Responder::for_service(listener.local_addr()?).start_async()?;

    println!("serving on {}; find it with `cooee find`", listener.local_addr()?);
    let app = Router::new().route("/", get(|| async { "cooee" }));
    axum::serve(listener, app).await?;
    Ok(())
}

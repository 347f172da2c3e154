//! Finds servers without blocking: `cargo run --example async --features tokio`.

use std::time::Duration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), cooee::DiscoverError> {
    let discovery = cooee::Discovery::new().timeout(Duration::from_secs(2));
    let mut servers = discovery.servers_async()?;
    while let Some(server) = servers.next().await {
        println!("{} after {:?}", server.url(), server.rtt);
    }
    let outcome = servers.stop();
    println!("{} found in {:?}", outcome.servers, outcome.elapsed);
    Ok(())
}

//! Answers for a service, and finds it: `cargo run --example plain`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _answering = cooee::Responder::new().service_port(8000).start()?;
    for server in cooee::discover()? {
        println!("{}", server.url());
    }
    Ok(())
}

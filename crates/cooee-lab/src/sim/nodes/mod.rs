mod client;
mod flood;
mod server;
mod stock;
mod watcher;

pub use client::Client;
pub use flood::Flood;
pub use server::Server;
pub use stock::StockClient;
pub use watcher::Watcher;

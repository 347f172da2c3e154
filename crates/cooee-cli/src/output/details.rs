//! What is known of a server beside its row in the table.

use std::net::IpAddr;

use cooee::Server;
use cooee::announced::shown;

/// Each thing with its title; texts of strangers harmless to print.
pub(super) fn of(server: &Server) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    if let Some(named) = &server.named {
        details.push(("name", shown(&named.name).into_owned()));
        details.push(("host", shown(&named.hostname).into_owned()));
        let services = named.services.iter();
        details.extend(services.map(|(service, port)| ("service", format!("{service}:{port}"))));
        let pairs = named.txt.pairs().iter();
        details.extend(pairs.map(|pair| ("txt", shown(&pair.to_string()).into_owned())));
    }
    let addresses: Vec<_> = server.addresses().map(|ip: IpAddr| ip.to_string()).collect();
    if addresses.len() > 1 {
        details.push(("address", addresses.join(", ")));
    }
    details.push(("found", format!("via {}, {}", server.via.as_str(), server.protocol.as_str())));
    details
}

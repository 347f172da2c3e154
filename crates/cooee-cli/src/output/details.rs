//! What is known of a server beside its row in the table.

use std::net::IpAddr;

use cooee::Server;
use cooee::announced::shown;

/// Each thing with its title; texts of strangers harmless to print.
pub(super) fn of(server: &Server) -> Vec<(&'static str, String)> {
    let text = |text: &String| shown(text).into_owned();
    let mut details = Vec::new();
    details.extend(server.name.as_ref().map(|name| ("name", text(name))));
    details.extend(server.hostname.as_ref().map(|host| ("host", text(host))));
    let services = server.services.iter();
    details.extend(services.map(|(service, port)| ("service", format!("{service}:{port}"))));
    let pairs = server.txt.pairs().iter();
    details.extend(pairs.map(|pair| ("txt", shown(&pair.to_string()).into_owned())));
    let addresses: Vec<_> = server.addresses().map(|ip: IpAddr| ip.to_string()).collect();
    if addresses.len() > 1 {
        details.push(("address", addresses.join(", ")));
    }
    details.push(("found", format!("via {}, {}", server.via.as_str(), server.protocol.as_str())));
    details
}

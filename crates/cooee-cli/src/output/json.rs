use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};

use cooee::announced::{ServiceType, TxtPair};
use cooee::{Checked, Scheme, Server};
use serde::Serialize;
use serde_json::{Map, Value};

use super::link::{link, named_link};
use super::results::Results;
use crate::phrase::milliseconds;

/// A server in the JSON formats.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    ip: IpAddr,
    port: u16,
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    named_url: Option<String>,
    source: SocketAddr,
    interface: Option<String>,
    protocol: &'static str,
    raw: String,
    rtt_ms: Option<f64>,
    trust: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed: Option<IpAddr>,
    addresses: Vec<IpAddr>,
    this_host: bool,
    routed: bool,
    via: &'static str,
    reach: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checked: Vec<Check>,
    #[serde(flatten)]
    announced: Option<Announced>,
}

/// What DNS-SD says of a server.
#[derive(Debug, Serialize)]
struct Announced {
    name: String,
    hostname: String,
    services: Vec<Service>,
    txt: Map<String, Value>,
}

#[derive(Debug, Serialize)]
struct Service {
    r#type: String,
    port: u16,
}

impl Announced {
    fn of(server: &Server) -> Option<Self> {
        let service = |(service, port): &(ServiceType, u16)| Service {
            r#type: service.to_string(),
            port: *port,
        };
        let pair = |pair: &TxtPair| (pair.key().to_owned(), pair.text().into());
        let named = server.named.as_ref()?;
        Some(Self {
            name: named.name.clone(),
            hostname: named.hostname.clone(),
            services: named.services.iter().map(service).collect(),
            txt: named.txt.pairs().iter().map(pair).collect(),
        })
    }
}

/// What came of the connection to one address.
#[derive(Debug, Serialize)]
struct Check {
    address: SocketAddr,
    state: &'static str,
    ms: Option<f64>,
}

impl From<&Checked> for Check {
    fn from(checked: &Checked) -> Self {
        let (state, ms) = (checked.state.as_str(), checked.took.map(milliseconds));
        Self { address: checked.address, state, ms }
    }
}

impl Record {
    pub(super) fn new(server: &Server, scheme: Option<Scheme>) -> Self {
        Self {
            ip: server.ip,
            port: server.port,
            url: link(server, scheme),
            named_url: named_link(server, scheme),
            source: server.source,
            interface: server.interface.clone(),
            protocol: server.protocol.as_str(),
            raw: server.raw_text(),
            rtt_ms: server.rtt.map(milliseconds),
            trust: server.trust.as_str(),
            claimed: server.claimed,
            addresses: server.addresses().collect(),
            this_host: server.this_host,
            routed: server.routed,
            via: server.via.as_str(),
            reach: server.reach.as_str(),
            checked: server.checked.iter().map(Check::from).collect(),
            announced: Announced::of(server),
        }
    }
}

/// One array, at the end.
pub(super) struct Json<W> {
    out: W,
    scheme: Option<Scheme>,
}

impl<W: Write> Json<W> {
    pub(super) fn new(out: W, scheme: Option<Scheme>) -> Self {
        Self { out, scheme }
    }
}

impl<W: Write> Results for Json<W> {
    fn found(&mut self, _: &Server) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, servers: &[Server]) -> io::Result<()> {
        let records: Vec<Record> =
            servers.iter().map(|server| Record::new(server, self.scheme)).collect();
        serde_json::to_writer_pretty(&mut self.out, &records)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

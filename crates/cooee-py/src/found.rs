//! What a discovery finds, as Python gets to see it.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::announced::Announced;
use crate::record::record;
use crate::result::{self, Address};
use crate::tuple::Tuple;

record! {
    /// A server that answered. Two are equal if ip, port and protocol are.
    Server is (ip, port, protocol) {
        /// Where the service is, as the answer names it. `url` may have another address.
        ip: String,
        /// The port of the service: the one that the answer names, else 8000.
        port: u16,
        /// The URL of the service, such as `http://192.0.2.7:8000/`: `https` on ports 443 and 8443,
        /// else `http`, without the scheme's default port. It has the address that the answer came
        /// from where that is not `ip`, and `reach` says that nothing but the default route leads to
        /// `ip`; the server may then be reached there.
        url: String,
        /// Where the answer came from: address and port.
        source: Address,
        /// The name of the interface that the answer arrived on, where the system tells.
        interface: Option<String>,
        /// The protocol of the answer: `classic`, or `dns-sd` for a server that is only announced.
        protocol: String,
        /// The answer's bytes.
        raw: Vec<u8>,
        /// Seconds from the probe to its first answer; None if it cannot be told which probe was
        /// answered.
        rtt: Option<f64>,
        /// How far `ip` can be believed: `none` if it is where the answer came from, which nothing
        /// proves, or `unverified` if it is another.
        trust: String,
        /// The impossible address that the answer named, such as `127.0.0.1` from another host, if
        /// `ip` is the answer's source instead.
        claimed: Option<String>,
        /// Whether the server runs on this host.
        this_host: bool,
        /// Every address that it was found at, `ip` first.
        addresses: Tuple<String>,
        /// Whether the system has a route to `ip`.
        routed: bool,
        /// Which probe found it: `broadcast`, `host`, `remembered`, `neighbour`,
        /// `sweep`, or `mdns` if none did.
        via: String,
        /// How this host gets to `ip`: `on-link`, `routed` by a route of its own, by the
        /// `default-route`, `none`, or `unknown`.
        reach: String,
        /// The URL with `ip`, if `url` has another address.
        named_url: Option<String>,
        /// With `check=True`, what came of a connection to each address: those that accepted one
        /// first, the fastest at the top. Empty without.
        checked: CheckedAddresses,
        /// What multicast DNS says of it, if it is announced: `name`, `hostname`, `services` with `type`
        /// and `port`, and `txt`, whose values are None for a key without one. Texts are as a stranger
        /// wrote them.
        extra: Option<Announced>,
    } with {
        /// A dictionary of what JSON has: an object of `cooee find --format json`.
        fn as_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
            self.object(py)
        }
    }
}

impl Server {
    fn object<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let object = PyDict::new(py);
        object.set_item("ip", &self.ip)?;
        object.set_item("port", self.port)?;
        object.set_item("url", &self.url)?;
        if let Some(named) = &self.named_url {
            object.set_item("named_url", named)?;
        }
        object.set_item("source", written(&self.source))?;
        object.set_item("interface", &self.interface)?;
        object.set_item("protocol", &self.protocol)?;
        object.set_item("raw", String::from_utf8_lossy(&self.raw))?;
        object.set_item("rtt_ms", self.rtt.map(milliseconds))?;
        object.set_item("trust", &self.trust)?;
        if let Some(claimed) = &self.claimed {
            object.set_item("claimed", claimed)?;
        }
        object.set_item("addresses", &self.addresses.0)?;
        object.set_item("this_host", self.this_host)?;
        object.set_item("routed", self.routed)?;
        object.set_item("via", &self.via)?;
        object.set_item("reach", &self.reach)?;
        if !self.checked.0.is_empty() {
            let each = self.checked.0.iter().map(|checked| checked.object(py));
            object.set_item("checked", each.collect::<PyResult<Vec<_>>>()?)?;
        }
        if let Some(announced) = &self.extra {
            announced.add_to(&object)?;
        }
        Ok(object)
    }
}

/// A tuple of addresses that were checked.
#[derive(Debug, Clone, PartialEq, FromPyObject)]
#[pyo3(transparent)]
pub(crate) struct CheckedAddresses(Vec<Checked>);

impl<'py> IntoPyObject<'py> for CheckedAddresses {
    type Target = PyTuple;
    type Output = Bound<'py, PyTuple>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        PyTuple::new(py, self.0)
    }
}

record! {
    /// What came of a TCP connection to one address of a server.
    Checked {
        /// Address and port.
        address: Address,
        /// `open`, `refused`, `timeout`, `unreachable`, or `unknown` if nothing had come back when
        /// the check ended.
        state: String,
        /// Seconds from the attempt to its end; None if the state is unknown.
        took: Option<f64>,
    }
}

impl From<&cooee::Checked> for Checked {
    fn from(checked: &cooee::Checked) -> Self {
        Self {
            address: result::address(checked.address),
            state: checked.state.as_str().into(),
            took: checked.took.map(|took| took.as_secs_f64()),
        }
    }
}

impl Checked {
    fn object<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let object = PyDict::new(py);
        object.set_item("address", written(&self.address))?;
        object.set_item("state", &self.state)?;
        object.set_item("ms", self.took.map(milliseconds))?;
        Ok(object)
    }
}

/// An address as JSON has it.
fn written((ip, port): &Address) -> String {
    if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
}

fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e3
}

record! {
    /// What a discovery did, and how complete it believes to be.
    Outcome {
        /// How it ended: `settled`, `deadline`, `first` or `stopped`.
        ended: String,
        /// Seconds from start to end.
        elapsed: f64,
        /// Rounds of probes sent.
        rounds: u32,
        /// Servers found.
        servers: usize,
        /// Answers received, repeated ones included.
        answers: u64,
        /// Datagrams that were no answers, by reason; reasons that did not occur are left out.
        refusals: BTreeMap<String, u64>,
        /// Datagrams that the kernel dropped for want of buffer space, where it tells.
        kernel_drops: u64,
        /// How many servers were probably not heard; None when it was too short to tell.
        unseen: Option<f64>,
        /// The part of a server's answers that arrive, from 0 to 1; None when it was too short to
        /// tell.
        answer_rate: Option<f64>,
        /// Whether servers were left out because of the bound on results.
        truncated: bool,
        /// The named hosts that did not answer. Each is counted as unseen.
        silent: Vec<String>,
        /// The named hosts whose system said that nothing listens on the port.
        refused: Vec<String>,
        /// What came of the remembered addresses. None of them is counted as unseen.
        remembered: Remembered,
        /// How far the sweep of subnets came; None without one.
        swept: Option<Swept>,
        /// Servers that answered only when they were probed directly, as neighbours, while no other
        /// host answered a broadcast: a firewall of this host probably drops such answers.
        behind_firewall: usize,
        /// Whether that is certain: lost datagrams alone do not explain it.
        drops_answers: bool,
        /// The senders of datagrams that were no answers, each with its first, up to 64.
        rejected: Vec<Rejected>,
        /// The named hosts whose names led to no address, each with the reason.
        unresolved: BTreeMap<String, String>,
    }
}

record! {
    /// What came of probing the addresses at which servers were found before.
    Remembered {
        /// Those that answered, to whatever probe: address and port.
        answered: Vec<Address>,
        /// The others.
        silent: Vec<Address>,
    }
}

record! {
    /// How far a sweep came through its subnets.
    Swept {
        /// Addresses that were probed at least once.
        called: u64,
        /// Addresses that the system refused to send a probe to.
        refused: u64,
        /// Addresses that there are.
        of: u64,
        /// About how many seconds it takes to probe all of them once.
        pass_takes: f64,
    }
}

record! {
    /// A sender whose datagram was not an answer.
    Rejected {
        /// Who sent it: address and port.
        source: Address,
        /// Why it was not taken.
        reason: String,
        /// The beginning of the datagram, escaped to printable ASCII, at most 64 characters.
        excerpt: String,
    }
}

impl From<cooee::Server> for Server {
    fn from(server: cooee::Server) -> Self {
        Self {
            url: server.url(),
            named_url: server.named_url(),
            checked: CheckedAddresses(server.checked.iter().map(Checked::from).collect()),
            addresses: server.addresses().map(|ip| ip.to_string()).collect(),
            ip: server.ip.to_string(),
            port: server.port,
            source: result::address(server.source),
            interface: server.interface,
            protocol: server.protocol.as_str().into(),
            raw: server.raw,
            rtt: server.rtt.map(|rtt| rtt.as_secs_f64()),
            trust: server.trust.as_str().into(),
            claimed: server.claimed.map(|claimed| claimed.to_string()),
            this_host: server.this_host,
            routed: server.routed,
            via: server.via.as_str().into(),
            reach: server.reach.as_str().into(),
            extra: server.named.map(|named| (*named).into()),
        }
    }
}

impl From<cooee::Outcome> for Outcome {
    fn from(outcome: cooee::Outcome) -> Self {
        Self {
            ended: outcome.ended.as_str().into(),
            elapsed: outcome.elapsed.as_secs_f64(),
            rounds: outcome.rounds,
            servers: outcome.servers,
            answers: outcome.answers,
            refusals: result::counts(outcome.refusals.by_reason()),
            kernel_drops: outcome.kernel_drops,
            unseen: outcome.estimate.map(|estimate| estimate.unseen),
            answer_rate: outcome.estimate.map(|estimate| estimate.answer_rate),
            truncated: outcome.truncated,
            silent: outcome.silent,
            refused: outcome.refused,
            remembered: outcome.remembered.into(),
            swept: outcome.swept.map(Swept::from),
            behind_firewall: outcome.behind_firewall,
            drops_answers: outcome.drops_answers,
            rejected: outcome.rejected.into_iter().map(Rejected::from).collect(),
            unresolved: outcome.unresolved.into_iter().map(|name| (name.host, name.why)).collect(),
        }
    }
}

impl From<cooee::Remembered> for Remembered {
    fn from(remembered: cooee::Remembered) -> Self {
        let addresses = |of: Vec<_>| of.into_iter().map(result::address).collect();
        Self { answered: addresses(remembered.answered), silent: addresses(remembered.silent) }
    }
}

impl From<cooee::Swept> for Swept {
    fn from(swept: cooee::Swept) -> Self {
        let cooee::Swept { called, refused, of, pass_takes, .. } = swept;
        Self { called, refused, of, pass_takes: pass_takes.as_secs_f64() }
    }
}

impl From<cooee::Rejected> for Rejected {
    fn from(rejected: cooee::Rejected) -> Self {
        Self {
            source: result::address(rejected.source),
            reason: rejected.why.to_string(),
            excerpt: rejected.excerpt,
        }
    }
}

use std::ffi::OsStr;
use std::net::SocketAddrV4;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::namespace::Namespace;
use super::segment::{BRIDGE, has_ipv6};
use super::{Child, LabError, RawSender, Segment, eventually};

const CABLE_DEADLINE: Duration = Duration::from_secs(5);

// Forged and off-link sources reach the receiver only when nobody filters by return path.
const PARAMETERS: [(&str, &str); 2] =
    [("ipv4/conf/all/rp_filter", "0"), ("ipv4/conf/default/rp_filter", "0")];

// Duplicate address detection would hold an IPv6 address back for a second.
const PARAMETERS_V6: [(&str, &str); 2] =
    [("ipv6/conf/all/accept_dad", "0"), ("ipv6/conf/default/accept_dad", "0")];

/// A host of the lab: a network namespace with a loopback interface and the cables it was given.
///
/// Dropping it kills, by pid, whatever still runs in it.
#[derive(Debug)]
pub struct Host {
    namespace: Namespace,
    interfaces: AtomicUsize,
}

impl Host {
    pub(super) fn create(namespace: Namespace) -> Result<Self, LabError> {
        namespace.set_parameters(&PARAMETERS)?;
        if has_ipv6() {
            namespace.set_parameters(&PARAMETERS_V6)?;
        }
        namespace.ip(&["link", "set", "lo", "up"])?;
        Ok(Self { namespace, interfaces: AtomicUsize::new(0) })
    }

    pub(super) fn forward(&self) -> Result<(), LabError> {
        self.namespace.set_parameters(&[("ipv4/ip_forward", "1")])?;
        if has_ipv6() {
            self.namespace.set_parameters(&[("ipv6/conf/all/forwarding", "1")])?;
        }
        Ok(())
    }

    /// The name of the host's namespace, for tools such as `tcpdump` by hand.
    pub fn namespace(&self) -> &str {
        self.namespace.name()
    }

    /// Joins a segment under an address such as `10.0.1.2/24` and returns the new interface:
    /// `eth0`, then `eth1`, and so on. The interface carries traffic when this returns.
    ///
    /// # Errors
    /// `Command`: a tool refused the address; `NotReady`: the interface stayed dead.
    pub fn join(&self, segment: &Segment, address: &str) -> Result<String, LabError> {
        self.cable(segment, Some(address))
    }

    /// Joins a segment without an address of IPv4, and returns the new interface.
    ///
    /// # Errors
    /// `Command`: a tool refused; `NotReady`: the interface stayed dead.
    pub fn plug(&self, segment: &Segment) -> Result<String, LabError> {
        self.cable(segment, None)
    }

    fn cable(&self, segment: &Segment, address: Option<&str>) -> Result<String, LabError> {
        let interface = format!("eth{}", self.interfaces.fetch_add(1, Ordering::Relaxed));
        let port = segment.next_port();
        let host = self.namespace.name();
        segment.switch().ip_batch(&format!(
            "link add {port} type veth peer name {interface} netns {host}\n\
             link set {port} master {BRIDGE} up\n"
        ))?;
        let address = address
            .map(|address| format!("addr add {} dev {interface}\n", with_options(address)))
            .unwrap_or_default();
        self.namespace.ip_batch(&format!("{address}link set {interface} up\n"))?;
        self.wait_for_carrier(segment, &port, &interface)?;
        Ok(interface)
    }

    fn wait_for_carrier(
        &self,
        segment: &Segment,
        port: &str,
        interface: &str,
    ) -> Result<(), LabError> {
        let mut state = String::new();
        eventually(CABLE_DEADLINE, || {
            let far = segment.switch().ip(&["-d", "link", "show", "dev", port]);
            let near = self.ip(&["addr", "show", "dev", interface]);
            state = match (far, near) {
                (Ok(far), Ok(near)) if carries(&far, &near) => return Some(()),
                (Ok(far), Ok(near)) => far + &near,
                (Err(error), _) | (_, Err(error)) => error.to_string(),
            };
            None
        })
        .ok_or_else(|| LabError::NotReady {
            host: self.namespace().to_owned(),
            interface: interface.to_owned(),
            within: CABLE_DEADLINE,
            state,
        })
    }

    /// Adds an address such as `10.0.9.2/24` or `fd00::2/64` to an interface.
    ///
    /// # Errors
    /// `Command`: iproute2 refused.
    pub fn add_address(&self, interface: &str, address: &str) -> Result<(), LabError> {
        self.change_addresses(&format!("addr add {} dev {interface}\n", with_options(address)))
    }

    /// Removes an address from an interface.
    ///
    /// # Errors
    /// `Command`: iproute2 refused, for instance because there is no such address.
    pub fn remove_address(&self, interface: &str, address: &str) -> Result<(), LabError> {
        self.change_addresses(&format!("addr del {address} dev {interface}\n"))
    }

    /// Replaces one address of an interface by another.
    ///
    /// # Errors
    /// `Command`: iproute2 refused, for instance because there is no such address.
    pub fn replace_address(&self, interface: &str, old: &str, new: &str) -> Result<(), LabError> {
        let new = with_options(new);
        self.change_addresses(&format!(
            "addr del {old} dev {interface}\naddr add {new} dev {interface}\n"
        ))
    }

    fn change_addresses(&self, script: &str) -> Result<(), LabError> {
        self.namespace.ip_batch(script).map(drop)
    }

    /// Sends what is not on a link to a gateway.
    ///
    /// # Errors
    /// `Command`: iproute2 refused, for instance because the gateway is on no link.
    pub fn default_route(&self, gateway: &str) -> Result<(), LabError> {
        self.add_route("default", gateway)
    }

    /// Sends what is for `destination`, such as `10.0.2.0/24`, to a gateway.
    ///
    /// # Errors
    /// `Command`: iproute2 refused, for instance because the gateway is on no link.
    pub fn add_route(&self, destination: &str, gateway: &str) -> Result<(), LabError> {
        self.ip(&["route", "replace", destination, "via", gateway]).map(drop)
    }

    /// Runs iproute2 in the host and returns what it printed.
    ///
    /// # Errors
    /// `Command`: it refused.
    pub fn ip(&self, arguments: &[&str]) -> Result<String, LabError> {
        self.namespace.ip(arguments)
    }

    /// Runs a script of iproute2's commands in the host, one a line, in one process.
    ///
    /// # Errors
    /// `Command`: it refused a line.
    pub fn ip_batch(&self, script: &str) -> Result<String, LabError> {
        self.namespace.ip_batch(script)
    }

    /// Loads a script of nftables' in the host.
    ///
    /// # Errors
    /// `Command`: nft refused it, for instance because the kernel lacks what it needs.
    pub fn nft(&self, script: &str) -> Result<String, LabError> {
        self.namespace.nft(script)
    }

    /// A command that will run in the host, with the program's own pid.
    ///
    /// The program is killed when the thread that started it ends, so that nothing outlives a
    /// test. It is not otherwise guarded; [`Child::spawn`] does that.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.namespace.command(program)
    }

    /// Starts a program in the host under guard. For an environment or a directory of its own,
    /// use [`Host::command`] and [`Child::spawn`].
    ///
    /// # Errors
    /// `Start`: the program does not exist or may not be executed.
    pub fn spawn<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Child, LabError> {
        Child::spawn(self.command(program).args(arguments))
    }

    /// Runs a closure on a fresh thread in the host, and hands back what it returns.
    ///
    /// Sockets that it opens belong to the host for ever, and so do the threads that it starts.
    /// It must not start processes: they die with the fresh thread.
    ///
    /// # Panics
    /// When the closure does, with the same payload.
    pub fn enter<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.namespace.enter(work)
    }

    /// Opens a sender of datagrams with forged sources on an interface.
    ///
    /// # Errors
    /// `NoInterface`: there is no such interface; `System`: no raw socket.
    pub fn raw_sender(&self, interface: &str) -> Result<RawSender<'_>, LabError> {
        RawSender::open(&self.namespace, interface)
    }

    /// Sends one UDP datagram whose source may be anything: see [`RawSender::send`].
    ///
    /// # Errors
    /// As [`Host::raw_sender`] and [`RawSender::send`].
    pub fn send_raw_udp(
        &self,
        source: SocketAddrV4,
        destination: SocketAddrV4,
        interface: &str,
        payload: &[u8],
    ) -> Result<(), LabError> {
        self.raw_sender(interface)?.send(source, destination, payload)
    }
}

fn with_options(address: &str) -> String {
    let option = if address.contains(':') { "nodad" } else { "broadcast +" };
    format!("{address} {option}")
}

/// Whether the bridge forwards for the port, and the host's side is up with its IPv6 address.
fn carries(port: &str, interface: &str) -> bool {
    let addressed = !has_ipv6() || interface.contains("inet6 fe80");
    port.contains("state forwarding")
        && interface.contains("LOWER_UP")
        && addressed
        && !interface.contains("tentative")
}

//! Programs that announce services by multicast DNS, and know nothing of Cooee.

use std::fs;
use std::io;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::programs::{DEADLINE, program};
use crate::netns::{Child, Host};

/// Announces what its argument says, with its own names for hosts; of many, without telling of them unasked.
const ZEROCONF: &str = "
import ipaddress, json, signal, sys, threading
from zeroconf import IPVersion, ServiceInfo, Zeroconf
told = json.loads(sys.argv[1])
version = IPVersion.V6Only if told['v6'] else IPVersion.V4Only
zeroconf = Zeroconf(ip_version=version)
packed = [ipaddress.ip_address(address).packed for address in told['addresses']]
for service in told['services']:
    info = ServiceInfo(service['type'], service['name'] + '.' + service['type'], addresses=packed,
                       port=service['port'], properties=service['txt'],
                       server=service['host'] + '.local.')
    if told['quiet']:
        zeroconf.loop.call_soon_threadsafe(zeroconf.registry.async_add, info)
    else:
        zeroconf.register_service(info)
barrier = threading.Event()
zeroconf.loop.call_soon_threadsafe(barrier.set)
barrier.wait()
ending = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ending.set())
print('ready', flush=True)
ending.wait()
zeroconf.close()
";

/// A service that somebody announces.
#[derive(Debug, Clone)]
pub struct Service<'a> {
    /// Its type without the domain.
    pub kind: &'a str,
    /// Its name.
    pub name: String,
    /// The first label of its host's name.
    pub host: &'a str,
    /// The port.
    pub port: u16,
    /// The pairs of its TXT record.
    pub txt: Value,
}

/// python-zeroconf that announces these services at these addresses, all of one family, after it has told
/// of each.
pub fn zeroconf(host: &Host, addresses: &[&str], services: &[Service<'_>]) -> Child {
    start_zeroconf(host, addresses, services, false)
}

/// The same that only answers, and is ready at once however many services there are.
pub fn quiet_zeroconf(host: &Host, addresses: &[&str], services: &[Service<'_>]) -> Child {
    start_zeroconf(host, addresses, services, true)
}

fn start_zeroconf(host: &Host, addresses: &[&str], services: &[Service<'_>], quiet: bool) -> Child {
    let service = |service: &Service<'_>| {
        json!({
            "type": format!("{}.local.", service.kind),
            "name": service.name,
            "host": service.host,
            "port": service.port,
            "txt": service.txt,
        })
    };
    let told = json!({
        "v6": addresses.iter().all(|address| address.contains(':')),
        "addresses": addresses,
        "services": services.iter().map(service).collect::<Vec<_>>(),
        "quiet": quiet,
    });
    let arguments = ["-c".to_owned(), ZEROCONF.to_owned(), told.to_string()];
    let mut child = host.spawn(program("COOEE_ZEROCONF_PYTHON"), arguments).unwrap();
    child.stdout_line_with("ready", DEADLINE).unwrap();
    child
}

/// avahi-daemon with a directory of its own for services, and without D-Bus.
pub struct Avahi {
    _files: TempDir,
    /// The daemon.
    pub child: Child,
}

impl Avahi {
    /// One that announces these services, given as `<name>` and what stands beside it in a file of
    /// avahi.service(5).
    ///
    /// # Errors
    /// Its files cannot be written.
    pub fn start(host: &Host, services: &[(&str, &str)]) -> io::Result<Self> {
        let files = TempDir::new()?;
        let path = files.path();
        fs::create_dir(path.join("services"))?;
        for (n, (name, inside)) in services.iter().enumerate() {
            let text = format!(
                "<?xml version=\"1.0\"?><!DOCTYPE service-group SYSTEM \"avahi-service.dtd\">\
                 <service-group><name>{name}</name>{inside}</service-group>"
            );
            fs::write(path.join("services").join(format!("{n}.service")), text)?;
        }
        let conf = "[server]\nhost-name=avahi\nenable-dbus=no\nuse-ipv4=yes\nuse-ipv6=yes\n\
                    [publish]\npublish-workstation=no\npublish-hinfo=no\n";
        fs::write(path.join("avahi.conf"), conf)?;
        let path = path.display();
        // Where it keeps its number, and looks for services, cannot be configured.
        let script = format!(
            "mkdir -p /run/avahi-daemon; mount -t tmpfs none /run/avahi-daemon; \
             mount --bind {path}/services /etc/avahi/services; \
             exec avahi-daemon -f {path}/avahi.conf --no-drop-root --no-chroot --no-rlimits"
        );
        let mut child = host.spawn("unshare", ["-m", "sh", "-c", &script]).unwrap();
        for _ in services {
            child.stderr_line_with("successfully established", DEADLINE).unwrap();
        }
        Ok(Self { _files: files, child })
    }
}

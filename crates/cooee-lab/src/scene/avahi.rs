//! avahi with its D-Bus, and what asks it: avahi-browse, and the resolver by nss-mdns.

use crate::netns::{Child, Host};

use super::programs::DEADLINE;

/// Runs its arguments once avahi is there, in a mount namespace of its own, and ends with them.
const BESIDE: &str = r#"
mount -t tmpfs none /run
mkdir -p /run/dbus /run/avahi-daemon
ip route add 224.0.0.0/4 dev eth0 2>/dev/null
dbus-daemon --system --nofork --nopidfile & bus=$!
until [ -S /run/dbus/system_bus_socket ]; do sleep 0.02; done
avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$AVAHI_CONF" 2>&1 | sed 's/^/avahi: /' >&2 & avahi=$!
until avahi-browse -t _nothing._tcp >/dev/null 2>&1; do sleep 0.02; done
rm "$AVAHI_CONF"
trap 'kill $bus $(cat /run/avahi-daemon/pid)' EXIT
"$@"
"#;

const CONF: &str = "[server]\nhost-name=peer\nuse-ipv4=yes\nuse-ipv6=yes\n[publish]\n\
                    publish-workstation=no\npublish-hinfo=no\n";

/// A program beside avahi, which it can ask.
pub fn beside_avahi(host: &Host, more_of_its_file: &str, program: &[&str]) -> Child {
    let file = std::env::temp_dir().join(format!("{}.avahi.conf", host.namespace()));
    std::fs::write(&file, format!("{CONF}{more_of_its_file}")).unwrap();
    let mut command = host.command("unshare");
    command.args(["-m", "--propagation", "private", "sh", "-c", BESIDE, "sh"]).args(program);
    Child::spawn(command.env("AVAHI_CONF", &file)).unwrap()
}

/// What `avahi-browse` resolves of this type within a second of silence: `interface;protocol;name;…`.
pub fn browse(host: &Host, service: &str) -> Vec<String> {
    let said = output(host, &["avahi-browse", "-rpt", service]);
    said.lines().filter_map(|line| line.strip_prefix("=;")).map(str::to_owned).collect()
}

/// What a program prints that avahi answers.
pub fn output(host: &Host, program: &[&str]) -> String {
    beside_avahi(host, "", program).finish(DEADLINE).unwrap().stdout
}

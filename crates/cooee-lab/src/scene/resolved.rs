//! systemd-resolved with its D-Bus, and what asks it: resolvectl.

use crate::netns::{Child, Host};

use super::programs::program;

/// Runs its arguments once systemd-resolved speaks multicast DNS on `eth0`, in a mount namespace of its
/// own. It takes a user of its own, the host's name from the system, and no permission from polkit.
const BESIDE: &str = r#"
mount -t tmpfs none /run
mkdir -p /run/dbus /run/systemd/resolved.conf.d
cat /etc/passwd > /run/passwd
id systemd-resolve >/dev/null 2>&1 || echo 'systemd-resolve:x:998:65534::/:/bin/false' >> /run/passwd
mount --bind /run/passwd /etc/passwd
printf '[Resolve]\nMulticastDNS=yes\nLLMNR=no\nDNSStubListener=no\n' > /run/systemd/resolved.conf.d/lab.conf
hostname "$1"
shift
cat > /run/bus.conf <<'CONF'
<busconfig><type>custom</type><listen>unix:path=/run/dbus/system_bus_socket</listen>
<policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/></policy></busconfig>
CONF
dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile & bus=$!
until [ -S /run/dbus/system_bus_socket ]; do sleep 0.02; done
PATH="$ROOT/usr/bin:$PATH"
for own in "$ROOT"/usr/lib/*/systemd; do [ "$ROOT" = / ] || export LD_LIBRARY_PATH="$own"; done
daemon="$ROOT/usr/lib/systemd/systemd-resolved"
[ -x "$daemon" ] || daemon="$ROOT/lib/systemd/systemd-resolved"
"$daemon" & resolved=$!
until resolvectl mdns eth0 yes 2>/dev/null; do sleep 0.02; done
until resolvectl status eth0 | grep -q 'mDNS/IPv4 mDNS/IPv6'; do sleep 0.02; done
trap 'kill $resolved $bus' EXIT
"$@"
"#;

/// A program beside systemd-resolved, which it can ask, on a host of this name.
pub fn beside_resolved(host: &Host, hostname: &str, program: &[&str]) -> Child {
    let mut command = host.command("unshare");
    command.args(["-m", "-u", "--propagation", "private", "sh", "-c", BESIDE, "sh", hostname]);
    Child::spawn(command.args(program).env("ROOT", self::program("COOEE_RESOLVED_ROOT"))).unwrap()
}

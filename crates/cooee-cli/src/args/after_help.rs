//! What follows the options in the help of each verb: examples, notes, and the exit status.

use cooee::DEFAULT_PORT;

pub(super) const COOEE: &str = "\
Examples:
  cooee demo                      see it work on this machine
  cooee serve --service-port 80   make a web server on this machine discoverable
  cooee find                      list the servers on the local network

Settings come from a file (--config), the environment and the command line; the last one wins.
The file is TOML: port, message, prefix and log-format, and the options of [serve] and of [find].

Exit status:
  0  success
  1  no server was found (find, demo), or something is wrong (doctor)
  2  wrong usage or configuration
  3  the network, the port or the system refused";

pub(super) fn serve() -> String {
    format!(
        "\
Examples:
  cooee serve --service-port 8080
  cooee serve --stand-by                        take over when the other process ends
  cooee serve --answer on-link --allow 10.9.0.0/16 --rate-limit 5
  cooee serve -v --duration 90s

Under systemd, the service can take its UDP socket from a socket unit with
ListenDatagram=0.0.0.0:{DEFAULT_PORT}. It reports readiness, status and stopping (Type=notify) and, with
WatchdogSec=, that it is alive. A service that stands by is ready too.

Exit status:
  0  stopped by a signal, or after --duration
  2  wrong usage or configuration
  3  the port, the network or the system refused"
    )
}

pub(super) const FIND: &str = "\
Examples:
  cooee find
  curl $(cooee find --one --check --format url)
  cooee find --format ndjson | jq -r .url
  cooee find --host 10.1.2.3 --subnet 10.1.3.0/24   reach beyond the broadcasts
  cooee find --interface eth0,wlan0 --timeout 1m --wait full

Exit status:
  0  a server was found
  1  no server was found, or with --check none that accepts a connection
  2  wrong usage or configuration
  3  the network or the system refused";

pub(super) const WATCH: &str = "\
Examples:
  cooee watch
  cooee watch --format ndjson | jq -r '[.event, .server.url] | @tsv'
  cooee watch --interface eth0 --host 10.1.2.3

Exit status:
  0  stopped by a signal, or nobody read on
  2  wrong usage or configuration
  3  the network or the system refused";

pub(super) const DOCTOR: &str = "\
Examples:
  cooee doctor
  cooee doctor --peer 192.168.1.20     a server that should be found
  cooee doctor --listen                on the other host, where no server runs
  cooee doctor --format json | jq -r '.findings[0].do'

Exit status:
  0  nothing is wrong with what was examined, or --listen was stopped
  1  something is wrong, or not everything was examined
  2  wrong usage or configuration
  3  the network or the system refused";

pub(super) const INTERFACES: &str = "\
Examples:
  cooee interfaces
  cooee interfaces --exclude-interface docker0
  cooee interfaces --format json

Exit status:
  0  the interfaces were listed
  2  wrong usage or configuration
  3  the interfaces could not be read, or the list not be written";

pub(super) const DEMO: &str = "\
Examples:
  cooee demo
  cooee demo --port 9000 --message HELLO

Exit status:
  0  the demo found its server
  1  the demo did not find its server
  2  wrong usage or configuration
  3  the network, the port or the system refused";

pub(super) const COMPLETIONS: &str = "\
Examples:
  source <(cooee completions bash)
  cooee completions fish > ~/.config/fish/completions/cooee.fish

Exit status:
  0  the completions were printed
  2  wrong usage or configuration
  3  the completions could not be written";

pub(super) const MAN: &str = "\
Examples:
  cooee man | man -l -
  cooee man /usr/local/share/man/man1

Exit status:
  0  the manual was printed or written
  2  wrong usage or configuration
  3  the manual could not be written";

//! Other stacks than avahi.

use cooee_lab::netns::Signal;
use serde_json::Value;

use super::{link_local, named};
use crate::programs::{DEADLINE, SERVER, pair, program};

/// Prints each service of type `_http._tcp` as it comes, is changed, and goes.
const BROWSES: &str = r#"
import json, time
from zeroconf import IPVersion, ServiceBrowser, ServiceListener, Zeroconf

class Told(ServiceListener):
    def add_service(self, zeroconf, kind, name):
        self.tell("is", zeroconf, kind, name)
    def update_service(self, zeroconf, kind, name):
        self.tell("is", zeroconf, kind, name)
    def remove_service(self, zeroconf, kind, name):
        print(json.dumps({"event": "gone", "name": name}), flush=True)
    def tell(self, event, zeroconf, kind, name):
        info = zeroconf.get_service_info(kind, name)
        txt = {key.decode(): (value or b"").decode() for key, value in info.properties.items()}
        print(json.dumps({"event": event, "name": name, "host": info.server, "port": info.port,
                          "addresses": sorted(info.parsed_addresses()), "txt": txt}), flush=True)

zeroconf = Zeroconf(ip_version=IPVersion.All)
browser = ServiceBrowser(zeroconf, "_http._tcp.local.", Told())
print("ready", flush=True)
time.sleep(60)
"#;

#[test]
fn python_zeroconf_sees_a_server_come_and_go() {
    let lab = pair();
    // It asks by the interface that the group has a route to.
    lab.client.ip(&["route", "add", "224.0.0.0/4", "dev", "eth0"]).unwrap();
    let python = program("COOEE_ZEROCONF_PYTHON");
    let mut peer = lab.client.spawn(python, ["-c", BROWSES]).unwrap();
    peer.stdout_line_with("ready", DEADLINE).unwrap();
    let mut server = named(&lab.server, "Ärzte Büro", &["--txt", "path=/shop"]);
    let mut addresses = [SERVER.to_owned(), link_local(&lab.server, "eth0").to_string()];
    addresses.sort();
    let whole = loop {
        let line = peer.stdout_line_with("\"is\"", DEADLINE).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        if told["addresses"].as_array().unwrap().len() == addresses.len() {
            break told;
        }
    };
    assert_eq!(whole["name"], "Ärzte Büro._http._tcp.local.");
    assert_eq!(whole["host"], "arzte-buro.local.");
    assert_eq!(whole["port"], 8000);
    assert_eq!(whole["txt"]["path"], "/shop");
    assert_eq!(whole["addresses"], serde_json::json!(addresses));
    server.signal(Signal::SIGTERM).unwrap();
    peer.stdout_line_with("\"gone\"", DEADLINE).unwrap();
}

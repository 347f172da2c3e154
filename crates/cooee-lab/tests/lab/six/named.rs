//! Hosts without IPv4 that are named: as an address, with a zone, with a port, by a name.

use std::fs;

use super::deaf::{SERVER, SERVER_OF_PREFIX, Site, site};
use crate::programs::serve;

fn named() -> Site {
    site(Some("fd00:1"))
}

#[test]
fn addresses_of_ipv6_are_called_in_each_way_that_people_write_them() {
    let site = named();
    let _serving = serve(&site.server, &[]);
    let _another = serve(&site.server, &["--port", "9998"]);
    let zoned = format!("{SERVER}%eth0");
    for (host, ip) in [
        (SERVER_OF_PREFIX.to_owned(), SERVER_OF_PREFIX),
        (format!("[{SERVER_OF_PREFIX}]:9998"), SERVER_OF_PREFIX),
        (zoned.clone(), SERVER),
        (format!("[{zoned}]:9998"), SERVER),
    ] {
        let search = site.find(&["--no-memory", "--wait", "quick", "--host", &host]);
        assert_eq!(search.each("ip"), [ip], "{host}: {search:?}");
        assert_eq!(search.each("via"), ["host"], "{host}: {search:?}");
    }
}

#[test]
fn a_link_local_address_without_its_zone_is_refused_with_what_to_write() {
    let site = named();
    let run = |host: &str| {
        let words = ["find", "--no-memory", "--host", host];
        let child = site.client.spawn(crate::programs::cooee(), words).unwrap();
        child.finish(crate::programs::DEADLINE).unwrap()
    };
    let without = run(SERVER);
    assert_eq!(without.status.code(), Some(2), "{without:?}");
    assert!(without.stderr.contains("fe80::7%eth0"), "{without:?}");
    let wrong = run("fe80::7%eth9");
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("no interface is called"), "{wrong:?}");
}

#[test]
fn a_name_that_has_only_an_address_of_ipv6_is_called() {
    let site = named();
    let _serving = serve(&site.server, &[]);
    let hosts = site.state.path().join("hosts");
    fs::write(&hosts, format!("{SERVER_OF_PREFIX} workshop.example\n")).unwrap();
    let bind = format!("mount --bind {} /etc/hosts && exec \"$@\"", hosts.display());
    let by = ["unshare", "-m", "sh", "-c", &bind, "sh"];
    for host in ["workshop.example", "workshop.example:9999"] {
        let search = site.find_by(&by, &["--no-memory", "--wait", "quick", "--host", host]);
        assert_eq!(search.each("ip"), [SERVER_OF_PREFIX], "{search:?}");
        assert_eq!(search.each("via"), ["host"], "{search:?}");
    }
    let v4 = ["--no-memory", "--timeout", "1s", "--ipv4", "--host", "workshop.example"];
    let v4 = site.find_by(&by, &v4);
    assert!(v4.servers.is_empty(), "{v4:?}");
    assert!(v4.said.contains("workshop.example") && v4.said.contains("IPv4"), "{v4:?}");
}

#[test]
fn the_configuration_and_the_environment_take_them_too() {
    let site = named();
    let _serving = serve(&site.server, &[]);
    let zoned = format!("{SERVER}%eth0");
    let file = site.state.path().join("cooee.toml");
    fs::write(&file, format!("[find]\nhost = [\"[{zoned}]:9999\"]\n")).unwrap();
    let config = site.find(&["--no-memory", "--wait", "quick", "--config", file.to_str().unwrap()]);
    assert_eq!(config.each("ip"), [SERVER], "{config:?}");
    for variable in ["COOEE_HOST", "DISCOVERY_CLIENT_HOSTS"] {
        let set = format!("{variable}={zoned},{SERVER_OF_PREFIX}");
        let search = site.find_by(&["env", &set], &["--no-memory", "--wait", "quick"]);
        assert_eq!(search.each("via"), ["host"; 2], "{variable}: {search:?}");
    }
}

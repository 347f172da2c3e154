//! What a server says that nobody can find.

use std::net::UdpSocket;

use cooee_lab::netns::{Child, Host, Lab};
use cooee_lab::scene::broken::{Broken, Fault};
use cooee_lab::scene::programs::{DEADLINE, cooee, pair, serve, stop};

#[test]
fn a_server_that_only_this_host_reaches_says_so_until_it_has_a_network() {
    let lab = Lab::new().unwrap();
    let (host, segment) = (lab.host("host").unwrap(), lab.segment("a").unwrap());
    let mut server = serve(&host, &["-v"]);
    server.stderr_line_with("no address that another host could reach", DEADLINE).unwrap();
    host.join(&segment, "10.0.1.2/24").unwrap();
    server.stderr_line_with("interfaces changed", DEADLINE).unwrap();
    let said = stop(server).stderr;
    assert_eq!(said.matches("no address that another host").count(), 1, "{said}");
}

#[test]
fn another_protocol_on_the_port_is_told_once() {
    let lab = pair();
    let mut server = serve(&lab.server, &[]);
    let kasa = lab.client.enter(|| UdpSocket::bind("0.0.0.0:0")).unwrap();
    for _ in 0..3 {
        kasa.send_to(b"\xd0\xf2\x81\xf8", ("10.0.1.2", 9999)).unwrap();
    }
    server.stderr_line_with("10.0.1.3 sent something else than a probe", DEADLINE).unwrap();
    let said = stop(server).stderr;
    assert_eq!(said.matches("something else than a probe").count(), 1, "{said}");
}

#[test]
fn a_firewall_that_drops_probes_is_told_with_the_rule() {
    let broken = Broken::new(Fault::ServerFirewallDrops);
    let mut server = broken.serve(&[]).remove(0);
    let rule = "nft insert rule inet filter input udp dport 9999 accept";
    server.stderr_line_with(rule, DEADLINE).unwrap();
}

/// A `cooee serve` that sees files of its own in `/run`, after this preparation.
fn serve_with_run(host: &Host, prepare: &str, arguments: &str) -> Child {
    let command = cooee();
    let script = format!(
        "mount -t tmpfs tmpfs /run && {prepare} && exec {} serve {arguments}",
        command.display()
    );
    host.spawn("unshare", ["--mount", "sh", "-c", &script]).unwrap()
}

#[test]
fn a_server_in_a_container_behind_address_translation_says_so() {
    let broken = Broken::new(Fault::ServerInNat);
    let container = &broken.servers[0];
    let mut server = serve_with_run(container, "touch /run/.containerenv", "");
    let said = "this runs in a container, and its only address is 172.17.0.2";
    let line = server.stderr_line_with(said, DEADLINE).unwrap();
    for part in ["--network host", "--advertise"] {
        assert!(line.contains(part), "{line}");
    }
    stop(server);
    let outer = "--advertise 10.0.1.2";
    let mut server = serve_with_run(container, "touch /run/.containerenv", outer);
    server.stderr_line_with("answering on", DEADLINE).unwrap();
    let said = stop(server).stderr;
    assert!(!said.contains("container"), "{said}");
}

#[test]
fn a_firewall_whose_rules_cannot_be_read_is_told_with_what_opens_it_but_not_for_loopback() {
    let lab = pair();
    let prepare = "touch /run/firewalld.pid && for p in nft iptables-save; do \
                   test ! -e /usr/sbin/$p || mount --bind /dev/null /usr/sbin/$p; done";
    let mut server = serve_with_run(&lab.server, prepare, "");
    let said = "a firewall runs on this host (firewalld), and its rules cannot be read";
    let line = server.stderr_line_with(said, DEADLINE).unwrap();
    assert!(line.contains("`firewall-cmd --add-port=9999/udp`"), "{line}");
    stop(server);
    let mut server = serve_with_run(&lab.server, prepare, "-v --bind 127.0.0.1");
    server.stderr_line_with("answering on", DEADLINE).unwrap();
    lab.server.add_address("eth0", "10.0.1.77/24").unwrap();
    server.stderr_line_with("interfaces changed", DEADLINE).unwrap();
    let said = stop(server).stderr;
    assert!(!said.contains("firewall"), "{said}");
}

#[test]
fn a_healthy_server_says_nothing_more() {
    let lab = pair();
    let said = stop(serve(&lab.server, &[])).stderr;
    assert!(!said.contains("warning"), "{said}");
}

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cooee_core::finding::{Firewall, FirewallTool, Side};
use cooee_core::interface::{Interface, LinkKind};

use super::rules::{Fate, Traffic};
use super::{iptables, nft};

pub(super) fn firewall(port: u16, side: Side, interfaces: &[Interface]) -> Option<Firewall> {
    let used = || interfaces.iter().filter(|i| i.kind != LinkKind::Loopback);
    let traffic = Traffic {
        port,
        side,
        interfaces: used().map(|i| i.name.clone()).collect(),
        networks: used().flat_map(Interface::ipv4).map(|net| net.trunc()).collect(),
    };
    let front = front_end();
    let (nft, iptables) =
        (printed("nft", &["-j", "list", "ruleset"]), printed("iptables-save", &["-t", "filter"]));
    let iptables = iptables.and_then(|text| {
        let fate = iptables::fate(&String::from_utf8_lossy(&text), &traffic)?;
        Some((fate, FirewallTool::Iptables))
    });
    let nft = nft.and_then(|text| {
        let nft::Decision { fate, table, chain } = nft::decide(&text, &traffic)?;
        // Rules that iptables wrote are not shown in full; iptables itself does.
        let is_known = iptables.is_some() && table == "ip filter" && chain == "INPUT";
        let tool = FirewallTool::Nft { table, chain };
        (!is_known).then_some((fate, tool))
    });
    let decisions: Vec<_> = nft.into_iter().chain(iptables).collect();
    let with = |wanted| decisions.iter().find(|(fate, _)| *fate == wanted);
    if let Some((_, tool)) = with(Fate::Dropped) {
        return Some(Firewall::Drops { tool: front.unwrap_or_else(|| tool.clone()) });
    }
    if let Some((_, tool)) = with(Fate::Unclear) {
        return Some(Firewall::Active { tool: front.unwrap_or_else(|| tool.clone()) });
    }
    match front {
        Some(tool) if decisions.is_empty() => Some(Firewall::Active { tool }),
        _ => (!decisions.is_empty()).then_some(Firewall::Open),
    }
}

pub(super) fn tracks_connections() -> bool {
    match std::fs::read_to_string("/proc/sys/net/netfilter/nf_conntrack_count") {
        Ok(connections) => connections.trim() != "0",
        // Hidden in the namespace of another user.
        Err(_) => Path::new("/sys/module/nf_conntrack").exists(),
    }
}

/// What people configure the firewall with, as far as files tell, which everybody may read.
fn front_end() -> Option<FirewallTool> {
    let ufw = std::fs::read_to_string("/etc/ufw/ufw.conf").unwrap_or_default();
    if ufw.lines().any(|line| line.trim().eq_ignore_ascii_case("ENABLED=yes")) {
        return Some(FirewallTool::Ufw);
    }
    Path::new("/run/firewalld.pid").exists().then_some(FirewallTool::Firewalld)
}

/// What a program prints if it succeeds.
fn printed(program: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    const PLACES: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/bin"];
    const MOST: u64 = 4 << 20;
    const DEADLINE: Duration = Duration::from_secs(2);
    // The user's search path is not used, since the program runs with the user's rights.
    let place = PLACES.iter().map(|place| Path::new(place).join(program)).find(|at| at.exists())?;
    let mut child = Command::new(place)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut output = child.stdout.take()?.take(MOST);
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        output.read_to_end(&mut text).ok().map(|_| text)
    });
    let succeeded = ended(&mut child, DEADLINE);
    if !succeeded {
        return None;
    }
    reader.join().ok().flatten()
}

/// Whether it succeeds in time; kills it if it takes longer.
fn ended(child: &mut Child, deadline: Duration) -> bool {
    const PAUSE: Duration = Duration::from_millis(2);
    let end = Instant::now() + deadline;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < end => std::thread::sleep(PAUSE),
            Ok(None) | Err(_) => {
                // It may have ended by itself meanwhile.
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

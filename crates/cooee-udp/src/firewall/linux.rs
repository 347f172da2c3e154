use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
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
    let nft = program("nft").and_then(|nft| printed(&nft, &["-j", "list", "ruleset"]));
    let iptables = match iptables_save() {
        Asked::Program(save) => printed(&save, &["-t", "filter"]).and_then(|text| {
            let fate = iptables::fate(&String::from_utf8_lossy(&text), &traffic)?;
            Some((fate, FirewallTool::Iptables))
        }),
        // That is all there is to know only if nothing else has rules either.
        Asked::HasNone if nft.is_some() || !may_have_nft_tables() => {
            Some((Fate::Accepted, FirewallTool::Iptables))
        }
        Asked::HasNone | Asked::Nothing => None,
    };
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
        return Some(Firewall::Unclear { tool: front.unwrap_or_else(|| tool.clone()) });
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

/// How to learn the rules of iptables.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Program(PathBuf),
    /// The kernel has no table of the old kind.
    HasNone,
    Nothing,
}

fn iptables_save() -> Asked {
    let tables = std::fs::read_to_string("/proc/net/ip_tables_names");
    program("iptables-save").map_or(Asked::Nothing, |save| {
        let real = save.canonicalize().unwrap_or_else(|_| save.clone());
        if may_be_asked(&real, &tables) {
            return Asked::Program(save);
        }
        let is_known = match &tables {
            Ok(_) => true,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if is_known { Asked::HasNone } else { Asked::Nothing }
    })
}

/// Whether the program, by its real name, loads no module when it lists the table `filter`. That of
/// the old kind would load it only to say that it is empty; a list of those there are is a file.
fn may_be_asked(program: &Path, tables: &io::Result<String>) -> bool {
    let name = program.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let has_filter = |tables: &String| tables.lines().any(|table| table == "filter");
    name.contains("nft") || tables.as_ref().is_ok_and(has_filter)
}

/// Whether the kernel may have rules that only `nft` would list.
fn may_have_nft_tables() -> bool {
    let builtin = || {
        let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
        let modules = Path::new("/lib/modules").join(release.trim()).join("modules.builtin");
        std::fs::read_to_string(modules).ok()
    };
    let has_netfilter = Path::new("/proc/net/netfilter").try_exists().unwrap_or(true);
    let is_loaded = Path::new("/sys/module/nf_tables").exists();
    can_have_nft_tables(has_netfilter, is_loaded, builtin().as_deref())
}

/// By the modules that are part of the kernel, if they are known: such a one may be in no list of
/// those that are loaded.
fn can_have_nft_tables(has_netfilter: bool, is_loaded: bool, builtin: Option<&str>) -> bool {
    let has = |modules: &str| modules.lines().any(|module| module.ends_with("/nf_tables.ko"));
    has_netfilter && (is_loaded || builtin.is_none_or(has))
}

/// Where a program is. The user's search path is not used, since it runs with the user's rights.
fn program(name: &str) -> Option<PathBuf> {
    const PLACES: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/bin"];
    PLACES.iter().map(|place| Path::new(place).join(name)).find(|at| at.exists())
}

/// What a program prints if it succeeds.
fn printed(program: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    const MOST: u64 = 4 << 20;
    const DEADLINE: Duration = Duration::from_secs(2);
    let mut child = Command::new(program)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_without_nf_tables_has_no_rules_of_nft() {
        let with = Some("kernel/net/ipv4/tcp_cubic.ko\nkernel/net/netfilter/nf_tables.ko\n");
        let without = Some("kernel/net/netfilter/nf_tables_offload_of_another.ko\n");
        for (has_netfilter, is_loaded, builtin, can) in [
            (false, false, None, false),
            (true, true, without, true),
            (true, false, without, false),
            (true, false, with, true),
            (true, false, None, true),
        ] {
            let case = (has_netfilter, is_loaded, builtin);
            assert_eq!(can_have_nft_tables(has_netfilter, is_loaded, builtin), can, "{case:?}");
        }
    }

    #[test]
    fn the_old_iptables_is_asked_only_for_a_table_that_there_is() {
        let (old, new) = ("/usr/sbin/xtables-legacy-multi", "/usr/sbin/xtables-nft-multi");
        let names = |names: &str| Ok(names.to_owned());
        let none = || Err(io::ErrorKind::NotFound.into());
        for (program, tables, may) in [
            (old, names("filter\n"), true),
            (old, names("nat\nfilter\n"), true),
            (old, names("nat\n"), false),
            (old, names(""), false),
            (old, none(), false),
            (old, Err(io::ErrorKind::PermissionDenied.into()), false),
            (new, none(), true),
        ] {
            assert_eq!(may_be_asked(Path::new(program), &tables), may, "{program}: {tables:?}");
        }
    }
}

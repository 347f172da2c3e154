//! The firewall of this host, and how it is opened.

use super::{Code, Finding};

/// What a firewall is configured with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirewallTool {
    /// `ufw`.
    Ufw,
    /// `firewalld`.
    Firewalld,
    /// `nft`, by the chain that drops.
    Nft {
        /// The family and the name of its table, such as `inet filter`.
        table: String,
        /// Its name, such as `input`.
        chain: String,
    },
    /// `iptables`.
    Iptables,
    /// That of Windows.
    Windows {
        /// The path of the program that a rule blocks, if one does. Such rules win over those that
        /// allow; Windows makes them when somebody presses "Cancel" in its prompt.
        blocked: Option<String>,
    },
    /// Something else, or not known.
    Unknown,
}

/// What is known of the firewall of this host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Firewall {
    /// Its rules were read, and drop nothing that is needed.
    Open,
    /// Its rules were read, and drop what arrives.
    Drops {
        /// What it is configured with.
        tool: FirewallTool,
    },
    /// It runs, and its rules cannot be read.
    Active {
        /// What it is configured with.
        tool: FirewallTool,
    },
    /// Its rules were read, and are not understood well enough to say what they do.
    Unclear {
        /// What it is configured with.
        tool: FirewallTool,
    },
}

impl Firewall {
    /// Whether what is known is true of IPv6 too: only rules for IPv4, or for both, are read.
    pub(super) fn concerns_ipv6(&self) -> bool {
        match self {
            Self::Open => false,
            Self::Drops { tool } | Self::Active { tool } | Self::Unclear { tool } => match tool {
                FirewallTool::Nft { table, .. } => table.starts_with("inet "),
                FirewallTool::Iptables => false,
                FirewallTool::Ufw
                | FirewallTool::Firewalld
                | FirewallTool::Windows { .. }
                | FirewallTool::Unknown => true,
            },
        }
    }
}

/// Which datagrams a firewall must let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Answers, which come from the port.
    Client,
    /// Probes, which go to the port.
    Server,
}

impl FirewallTool {
    /// The command that lets in what is needed. For [`FirewallTool::Unknown`] a phrase.
    pub fn allow(&self, port: u16, side: Side) -> String {
        match (self, side) {
            (Self::Ufw, Side::Client) => {
                format!("ufw allow in proto udp from any port {port} to any")
            }
            (Self::Ufw, Side::Server) => format!("ufw allow {port}/udp"),
            (Self::Firewalld, Side::Client) => format!("firewall-cmd --add-source-port={port}/udp"),
            (Self::Firewalld, Side::Server) => format!("firewall-cmd --add-port={port}/udp"),
            (Self::Nft { table, chain }, side) => {
                format!("nft insert rule {table} {chain} udp {} {port} accept", side.nft())
            }
            (Self::Iptables, Side::Client) => {
                format!("iptables -I INPUT -p udp --sport {port} -j ACCEPT")
            }
            (Self::Iptables, Side::Server) => {
                format!("iptables -I INPUT -p udp --dport {port} -j ACCEPT")
            }
            (Self::Windows { .. }, side) => format!(
                "netsh advfirewall firewall add rule name=\"Cooee\" dir=in action=allow protocol=UDP \
                 {}={port}",
                side.netsh()
            ),
            (Self::Unknown, Side::Client) => format!("allow UDP from port {port} in the firewall"),
            (Self::Unknown, Side::Server) => format!("allow UDP to port {port} in the firewall"),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Ufw => "ufw",
            Self::Firewalld => "firewalld",
            Self::Nft { .. } => "nftables",
            Self::Iptables => "iptables",
            Self::Windows { .. } => "Windows Defender Firewall",
            Self::Unknown => "a firewall",
        }
    }

    /// The remedy as a phrase, with a command in backquotes.
    fn remedy(&self, port: u16, side: Side) -> String {
        let allowed = || format!("allow it with `{}`", self.allow(port, side));
        match self {
            Self::Unknown => self.allow(port, side),
            Self::Windows { blocked: Some(program) } => format!(
                "as an administrator, remove what \"Cancel\" in Windows' prompt has left, with `netsh \
                 advfirewall firewall delete rule name=all dir=in program=\"{program}\"`, and {}",
                allowed()
            ),
            Self::Windows { blocked: None } if side == Side::Server => format!(
                "press \"Allow\" if Windows prompts for it; else, as an administrator, {}",
                allowed()
            ),
            Self::Windows { blocked: None } => {
                format!("allow it as an administrator with `{}`", self.allow(port, side))
            }
            _ => allowed(),
        }
    }
}

impl Side {
    fn nft(self) -> &'static str {
        match self {
            Self::Client => "sport",
            Self::Server => "dport",
        }
    }

    fn netsh(self) -> &'static str {
        match self {
            Self::Client => "remoteport",
            Self::Server => "localport",
        }
    }
}

const DROPS_ANSWERS: &str = "answers to a broadcast belong to no connection that the firewall \
                             knows, so it drops them";

const MAY_DROP_ANSWERS: &str = "it probably drops answers to a broadcast, which belong to no \
                                connection that it knows";

/// Hosts asked for our link address, and yet no answer arrived.
pub(super) fn drops_what_resolved_us(hosts: &[String], tool: &FirewallTool, port: u16) -> Finding {
    let (ask, have) = if hosts.len() == 1 { ("it", "has") } else { ("they", "have") };
    Finding::new(
        Code::OwnFirewall,
        format!("{} looked this host up, and no answer arrived", super::listed(hosts)),
        format!("{ask} probably {have} answered, and this host's firewall dropped it"),
        format!("{}, or `cooee find --sweep`", tool.remedy(port, Side::Client)),
    )
}

/// Answers came only from hosts that were called by their own address.
pub(super) fn lets_in_only_replies(hosts: &[String], tool: &FirewallTool, port: u16) -> Finding {
    Finding::new(
        Code::OwnFirewall,
        format!("{} answered only when called by address", super::listed(hosts)),
        DROPS_ANSWERS,
        tool.remedy(port, Side::Client),
    )
}

/// The same of so few hosts that one lost datagram explains it too.
pub(super) fn may_let_in_only_replies(hosts: &[String], tool: &FirewallTool, port: u16) -> Finding {
    Finding::new(
        Code::FirewallSuspected,
        format!("{} answered only when called by address", super::listed(hosts)),
        "a firewall of this host drops answers to broadcasts, or one datagram was lost",
        format!("run `cooee find` again; if it says so again, {}", tool.remedy(port, Side::Client)),
    )
}

/// The rules were read, and drop.
pub(super) fn drops_by_its_rules(tool: &FirewallTool, port: u16, side: Side) -> Finding {
    let name = tool.name();
    let remedy = tool.remedy(port, side);
    match side {
        Side::Client => Finding::new(
            Code::OwnFirewall,
            format!("the firewall of this host ({name}) drops UDP from port {port}"),
            DROPS_ANSWERS,
            format!("call each address with `cooee find --sweep`, or {remedy}"),
        ),
        Side::Server => Finding::new(
            Code::OwnFirewall,
            format!("the firewall of this host ({name}) drops UDP to port {port}"),
            "probes do not arrive, so clients find nobody",
            remedy,
        ),
    }
}

/// A firewall runs, and its rules cannot be read.
pub(super) fn is_suspected(tool: &FirewallTool, port: u16, side: Side) -> Finding {
    let seen =
        format!("a firewall runs on this host ({}), and its rules cannot be read", tool.name());
    may_drop(seen, tool, port, side)
}

/// The rules were read, and may drop.
pub(super) fn is_unclear(tool: &FirewallTool, port: u16, side: Side) -> Finding {
    let seen =
        format!("the rules of this host's firewall ({}) are not understood in full", tool.name());
    may_drop(seen, tool, port, side)
}

fn may_drop(seen: String, tool: &FirewallTool, port: u16, side: Side) -> Finding {
    let remedy = tool.remedy(port, side);
    match side {
        Side::Client => Finding::new(
            Code::FirewallSuspected,
            seen,
            MAY_DROP_ANSWERS,
            format!("call each address with `cooee find --sweep`, or {remedy}"),
        ),
        Side::Server => Finding::new(
            Code::FirewallSuspected,
            seen,
            format!("unless it allows UDP to port {port}, probes do not arrive"),
            format!("{remedy}, if that has not been done yet"),
        ),
    }
}

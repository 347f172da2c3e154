//! The commands by which a system's network is looked at and changed.

/// Whose commands they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Linux,
    /// Those of BSD too.
    MacOs,
    Windows,
}

impl System {
    /// The one that this runs on.
    pub(super) const OWN: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(any(target_os = "linux", target_os = "android")) {
        Self::Linux
    } else {
        Self::MacOs
    };

    pub(super) fn switch_on(self, interface: &str) -> String {
        match self {
            Self::Linux => format!("ip link set {interface} up"),
            Self::MacOs => format!("ifconfig {interface} up"),
            Self::Windows => format!("netsh interface set interface \"{interface}\" admin=enabled"),
        }
    }

    pub(super) fn give_address(self, interface: &str) -> String {
        match self {
            Self::Linux => format!("ip address add ADDRESS/PREFIX dev {interface}"),
            Self::MacOs => format!("ifconfig {interface} inet ADDRESS/PREFIX"),
            Self::Windows => {
                format!("netsh interface ipv4 set address \"{interface}\" static ADDRESS MASK")
            }
        }
    }

    pub(super) fn switch_on_ipv6(self, interface: &str) -> String {
        match self {
            Self::Linux => format!("sysctl net.ipv6.conf.{interface}.disable_ipv6=0"),
            Self::MacOs => format!("ifconfig {interface} inet6 -ifdisabled"),
            Self::Windows => format!(
                "powershell Enable-NetAdapterBinding -Name '{interface}' -ComponentID ms_tcpip6"
            ),
        }
    }

    pub(super) fn add_route(self) -> &'static str {
        match self {
            Self::Linux => "ip route add NETWORK via ROUTER",
            Self::MacOs => "route add NETWORK ROUTER",
            Self::Windows => "route add NETWORK mask MASK ROUTER",
        }
    }

    pub(super) fn add_default_route(self) -> &'static str {
        match self {
            Self::Linux => "ip route add default via ROUTER",
            Self::MacOs => "route add default ROUTER",
            Self::Windows => "route add 0.0.0.0 mask 0.0.0.0 ROUTER",
        }
    }

    pub(super) fn show_addresses(self) -> &'static str {
        match self {
            Self::Linux => "ip address",
            Self::MacOs => "ifconfig",
            Self::Windows => "ipconfig",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_spaces_are_quoted_where_systems_have_them() {
        let windows = System::Windows;
        for command in [
            windows.switch_on("Ethernet 2"),
            windows.give_address("Ethernet 2"),
            windows.switch_on_ipv6("Ethernet 2"),
        ] {
            let is_quoted = ["\"Ethernet 2\"", "'Ethernet 2'"].iter().any(|n| command.contains(n));
            assert!(is_quoted, "{command}");
        }
    }

    #[test]
    fn no_system_is_told_to_run_what_another_has() {
        let all = |of: System| {
            let named = [of.switch_on("x"), of.give_address("x"), of.switch_on_ipv6("x")];
            let others = [of.add_route(), of.add_default_route(), of.show_addresses()];
            named.into_iter().chain(others.map(str::to_owned)).collect::<Vec<_>>()
        };
        let programs = |of| -> Vec<String> {
            let words = |command: String| command.split(' ').next().map(str::to_owned);
            all(of).into_iter().filter_map(words).collect()
        };
        let is_linux = |program: &String| ["ip", "sysctl"].contains(&program.as_str());
        assert!(programs(System::Linux).iter().all(is_linux));
        for other in [System::MacOs, System::Windows] {
            assert!(!programs(other).iter().any(is_linux), "{other:?}");
        }
    }
}

//! The routes of this host, as a list.

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod sys;
#[cfg(not(target_os = "linux"))]
#[path = "portable.rs"]
mod sys;

mod route;

pub use route::Route;

/// The routes of every routing table, IPv4 first, at most 4,096; `None` where the system does not
/// tell (all but Linux).
pub fn routes() -> Option<Vec<Route>> {
    sys::routes(4096)
}

#[cfg(all(test, target_os = "linux"))]
#[path = "portable.rs"]
mod portable;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn no_route_is_one_to_this_host() {
        let routes = routes().expect("netlink is there");
        assert!(routes.iter().all(|route| !route.destination.addr().is_loopback()), "{routes:?}");
        assert_eq!(portable::routes(1), None);
    }

    #[test]
    fn halves_are_a_default_route() {
        let to = |net: &str| {
            let destination = net.parse().expect("a network");
            Route { destination, gateway: None, interface: None }.is_default()
        };
        assert!(to("0.0.0.0/0") && to("128.0.0.0/1") && to("::/0"));
        assert!(!to("10.0.0.0/8"));
    }
}

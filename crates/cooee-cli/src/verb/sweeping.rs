//! What is said of a sweep before it.

use cooee::interface::on_link_networks;
use cooee::{DiscoveryConfig, Swept};

use crate::console::Console;
use crate::phrase::{grouped, rough_time};
use crate::settings::Find;

/// Says which networks are swept in part only, and how long it takes where that is long.
pub(super) fn announce(find: &Find, swept: Option<Swept>, console: Console) {
    if find.sweep && find.sends_probes() {
        let interfaces = cooee::interfaces().unwrap_or_default();
        for network in on_link_networks(&interfaces, &find.selection) {
            let whole = network.address.trunc();
            let is_named = find.subnets.iter().any(|subnet| subnet.contains(&network.swept));
            if network.is_cut() && !is_named {
                console.say(format_args!(
                    "{} is on {whole}, of which {} is swept; add the rest with --subnet",
                    network.interface, network.swept
                ));
            }
        }
    }
    let Some(swept) = swept.filter(|_| find.timeout.is_none()) else { return };
    if swept.takes() > DiscoveryConfig::TIMEOUT {
        let (addresses, time) = (grouped(swept.of), rough_time(swept.takes()));
        let what = format_args!("calling {addresses} addresses takes about {time}");
        console.say_swept(swept, what);
    }
}

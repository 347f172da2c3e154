//! The message when no server has answered.

use cooee::interface::{Interface, segmented_network};
use cooee::{Ended, Outcome, call_targets};

use crate::console::Console;
use crate::phrase::count;
use crate::settings::Find;

/// Prints where probes went, and what to try.
pub(super) fn explain(find: &Find, outcome: &Outcome, console: Console) {
    let interfaces = cooee::interfaces().unwrap_or_default();
    let mut line = format!(
        "no servers found on {} in {:.1} s",
        probed(find, &interfaces),
        outcome.elapsed.as_secs_f64()
    );
    if outcome.ended == Ended::Stopped {
        line += ", then stopped";
    }
    if outcome.refusals.in_all() > 0 {
        let other = count(outcome.refusals.in_all(), "datagram");
        line += &format!("; received {other}, but no answer; check that --prefix is the server's");
    } else {
        line += &format!(
            "; check that a server answers on port {} (`cooee serve`) and that no firewall blocks \
             UDP, or give its address with --host",
            find.wire.port
        );
    }
    console.say(line);
    if let Some(network) = segmented_network(&interfaces) {
        console.say(format_args!(
            "hint: {} is on {}, the size of {} ordinary networks; such a network is often divided \
             into segments that broadcasts do not cross, and perhaps only {} was probed; add the \
             others with --subnet or --host",
            network.interface,
            network.address.trunc(),
            network.segments,
            network.likely_reach,
        ));
    }
}

fn probed(find: &Find, interfaces: &[Interface]) -> String {
    let targets = call_targets(interfaces, &find.selection, find.wire.port);
    let broadcasts = targets.iter().map(|target| {
        let name = interfaces.iter().find(|i| Some(i.index) == target.interface);
        let name = name.map_or("?", |i| i.name.as_str());
        format!("{name} ({})", target.destination.ip())
    });
    let hosts = find.hosts.iter().map(ToString::to_string);
    let subnets = find.subnets.iter().map(ToString::to_string);
    let all: Vec<_> = broadcasts.chain(hosts).chain(subnets).collect();
    match all.as_slice() {
        [first @ .., last] if all.len() > 4 => {
            format!("{}, {} more and {last}", first[..2].join(", "), first.len() - 2)
        }
        all => all.join(", "),
    }
}

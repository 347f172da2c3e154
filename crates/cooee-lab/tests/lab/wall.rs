//! A firewall that lets in what belongs to a connection only, and so no answer to a broadcast or to
//! the group.

use cooee_lab::netns::Host;

/// Puts it up on a client.
///
/// `allowed` are rules of nft for what may come in besides; `unicast` is the part of a rule by which
/// calls of single hosts are told from those of all.
pub(crate) fn put_up(client: &Host, allowed: &str, unicast: &str) {
    let rules = format!(
        "table inet filter {{
          counter called {{ }}
          counter dropped {{ }}
          chain input {{
            type filter hook input priority 0; policy drop;
            iif lo accept
            ct state established,related accept
            {allowed}
            udp sport 9999 counter name dropped
          }}
          chain output {{
            type filter hook output priority 0;
            udp dport 9999 {unicast} counter name called
          }}
        }}"
    );
    client.nft(&rules).unwrap();
}

/// How many calls of single hosts have gone out.
pub(crate) fn called(client: &Host) -> usize {
    counted(client, "called")
}

/// How many answers it did not let in.
pub(crate) fn dropped(client: &Host) -> usize {
    counted(client, "dropped")
}

fn counted(client: &Host, counter: &str) -> usize {
    let list = ["-j", "list", "counter", "inet", "filter", counter];
    let output = client.command("nft").args(list).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    json["nftables"][1]["counter"]["packets"].as_u64().unwrap() as usize
}

use super::*;

fn bound_to(address: &str) -> Rig {
    let bound = address.parse().ok();
    Rig::new(ResponderConfig { bound, ..ResponderConfig::default() })
}

#[test]
fn a_bound_address_is_the_one_that_is_named() {
    let mut rig = bound_to("127.0.0.3");
    let answer = rig.probe("127.0.0.1:4000", "127.0.0.3", LO);
    answered(answer, "127.0.0.3", "127.0.0.3", None);
    let mut rig = bound_to("10.0.3.2");
    let answer = rig.probe("10.0.2.9:4000", "10.0.3.2", ETH1);
    answered(answer, "10.0.3.2", "10.0.3.2", Some(ETH1));
}

#[test]
fn a_bound_broadcast_address_is_no_address_to_name() {
    let mut rig = bound_to("10.0.1.255");
    let answer = rig.probe("10.0.1.9:4000", "10.0.1.255", ETH0);
    answered(answer, "10.0.1.2", "10.0.1.2", Some(ETH0));
}

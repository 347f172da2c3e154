use cooee_core::{Counters, ProbeRefusal};

/// The one reason for which one more datagram was refused, if it was.
pub(super) fn refusal_since(before: Counters, now: &Counters) -> Option<ProbeRefusal> {
    let refused = now.refused_in_all() - before.refused_in_all();
    assert!(refused <= 1, "one datagram, refused twice");
    ProbeRefusal::all().find(|&why| now.refused(why) > before.refused(why))
}

/// Whether a datagram was refused for what it carried.
pub(super) fn is_of_the_payload(why: ProbeRefusal) -> bool {
    use ProbeRefusal as Why;
    let text = [Why::WhiteSpace, Why::Nul, Why::Case, Why::Prefix, Why::Foreign];
    matches!(why, Why::Empty | Why::TooLong | Why::Answer) || text.contains(&why)
}

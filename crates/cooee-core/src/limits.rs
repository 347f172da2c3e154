//! Every bound on hostile input, each with its reason.

use std::time::Duration;

/// Longest probe message, in bytes. The stock server reads at most 1,024 bytes of a datagram.
pub const MESSAGE_MAX: usize = 512;

/// Longest answer prefix, in bytes. Leaves room for an address within [`ANSWER_MAX`].
pub const PREFIX_MAX: usize = 256;

/// Longest answer that is decoded, in bytes. Bounds what [`RESULTS_MAX`] raw answers may occupy.
pub const ANSWER_MAX: usize = 512;

/// Longest datagram that is looked at closely to tell *why* it is not a probe, in bytes. The
/// largest datagram that crosses every IPv6 link whole (1,280 less the headers).
pub const DATAGRAM_MAX: usize = 1232;

/// IPv4 addresses that an answer over IPv6 names besides: an interface hardly ever has more, and each
/// makes the answer up to 16 bytes longer.
pub const OTHERS_MAX: usize = 4;

/// Servers kept by one discovery. Six times the largest network we measure (10,000), and about
/// 50 MiB if every one of them is a forgery of the greatest length.
pub const RESULTS_MAX: usize = 65_536;

/// Servers in a live view: as many as DNS-SD tells of. Each may be probed every second at its own
/// address, so one that is forged costs more here than in a discovery.
pub const WATCHED_MAX: usize = 4096;

/// Servers of a live view that are probed at their own addresses at one moment, four moments a second
/// at the most: what forged answers can have us send to addresses of their choice.
pub const WATCHED_CALLS_AT_ONCE: usize = 64;

/// Senders of unreadable datagrams that one discovery remembers, to name them.
pub const REJECTED_MAX: usize = 64;

/// The part of an unreadable datagram that is shown, in characters.
pub const EXCERPT_MAX: usize = 64;

/// Addresses listed of a server on this host.
pub const OWN_ADDRESSES_MAX: usize = 256;

/// Sources that the rate limiter tells apart. At the default rate, a source that sent one probe is
/// forgotten after 5 ms, so this many slots serve 800,000 sources a second. Takes 64 KiB.
pub const RATE_SLOTS: usize = 4096;

/// Slots that one source may occupy: those of its set. More make a flood less likely to push an
/// honest source out, and every look-up longer.
pub const RATE_WAYS: usize = 8;

/// Answers per second and source, unless configured. A client sends about ten probes in five
/// seconds, and 400 in a burst leave room for a hundred clients that start at one moment behind one
/// address.
pub const ANSWERS_PER_SOURCE: u32 = 200;

/// How long a source must pause to draw its rate's worth of this time at once.
pub const BURST_PER_SOURCE: Duration = Duration::from_secs(2);

/// Answers per second in all while rate limiting is on: two thirds of the datagrams of this size
/// that a gigabit link carries. Bounds what a forged flood can make us send.
pub const ANSWERS_IN_ALL: u32 = 1_000_000;

/// The same for all sources, and for look-ups: long enough for a network whose hosts all send
/// probes at one moment.
pub const BURST_IN_ALL: Duration = Duration::from_millis(100);

/// Clients whose route or neighbour may be looked up at the same time. The driver drains after each
/// datagram, so one is enough; a driver that does not must not grow the queue.
pub const ROUTES_PENDING: usize = 16;

/// Routes looked up per second while rate limiting is on. Only a client that broadcasts from a
/// network that is none of ours needs one; a look-up costs the system several times as much as an
/// answer.
pub const ROUTES_PER_SECOND: u32 = 2000;

/// Neighbours looked up per second while rate limiting is on. A look-up costs the system about as
/// much as an answer.
pub const NEIGHBOURS_PER_SECOND: u32 = 20_000;

/// Neighbours that a responder remembers: four times Linux's neighbour table (`gc_thresh3`).
pub const NEIGHBOURS_REMEMBERED: usize = 4096;

/// Those of them that share a set: a thousand of them hardly ever push one another out.
pub const NEIGHBOUR_WAYS: usize = 4;

/// Probes that a responder remembers for 20 ms, to recognise copies that arrive on other
/// interfaces.
pub const COPIES_REMEMBERED: usize = 256;

/// Links on which a responder joins the IPv6 group. Each takes memory of the kernel, and hosts with
/// more are container hosts.
pub const GROUPS_MAX: usize = 256;

/// Sources over the rate limit that are remembered for a minute, to report each once.
pub const INSISTENT_REMEMBERED: usize = 64;

/// Services that the owner of a port answers for, its own included: as many as one look at a probe
/// can tell apart.
pub const OFFERS_MAX: usize = 64;

/// Bytes of what one process offers, encoded. Leaves room for the longest message and prefix, and
/// for about a hundred allowed networks.
pub const OFFER_MAX: usize = 2048;

/// Answers to one probe: each names another service. Bounds what a forged probe can draw, besides
/// the rate limit that each answer counts for.
pub const ANSWERS_A_PROBE: usize = 16;

/// Longest name of a service, in bytes: that of a DNS label (RFC 1035 section 2.3.4).
pub const NAME_MAX: usize = 63;

/// Instances that one browser keeps: eight times the largest network we measure by DNS-SD (500), and
/// about 20 MiB if every one of them is a forgery of the greatest length. A live view keeps twice as many while
/// browsing begins anew: those from before, which may be announced again, and those of now.
pub const ANNOUNCED_MAX: usize = 4096;

/// Records of multicast DNS that the library keeps before browsing ends, and before announcing begins
/// anew: eight for each of so many instances. It has no bound of its own, and is asked every 5 s, for a
/// server only while something wakes that.
pub const MDNS_RECORDS_MAX: usize = 8 * ANNOUNCED_MAX;

/// Timers that the library keeps before it comes to the same: two for each of eight hearings of so many
/// records, or 8 MiB. It sets two at each hearing and removes none before its time, so that 500 instances
/// of which everybody asks have 300,000.
pub const MDNS_TIMERS_MAX: usize = 16 * MDNS_RECORDS_MAX;

/// Hosts that one browser asks once more for their addresses, since they lack those of a family: two queries
/// each. More than a network has that leave one out by chance; a flood of made-up hosts draws no more.
pub const HOSTS_ASKED_MAX: usize = 64;

/// Addresses of one announced instance: those of a host with a few interfaces in both families.
pub const ANNOUNCED_ADDRESSES_MAX: usize = 32;

/// Addresses with ports by which one discovery knows servers. Once there are so many, announcements add
/// none: an instance may change at any time, and each change may bring hundreds. As many as all instances
/// have addresses, at one port each; takes 16 MiB.
pub const ANNOUNCED_ROWS_MAX: usize = ANNOUNCED_ADDRESSES_MAX * ANNOUNCED_MAX;

/// Services that one name is published for, and that are read of one that was announced.
pub const PUBLISHED_SERVICES_MAX: usize = 16;

/// Links that one process announces on, each of which takes a thread and two sockets.
pub const PUBLISHED_LINKS_MAX: usize = 16;

/// Addresses that are announced for one host on a link: a few for each family, and the temporary ones
/// that RFC 8981 keeps for a week.
pub const PUBLISHED_ADDRESSES_MAX: usize = 24;

/// Instances that are announced on one link, those of all processes on the host: half of what the
/// library's queue of commands takes at a time.
pub const PUBLISHED_RECORDS_MAX: usize = 48;

/// How long a stop waits until its goodbyes are sent, which takes a few milliseconds.
pub const GOODBYE_PATIENCE: Duration = Duration::from_secs(1);

/// Bytes of a TXT record that is published, which fits into one packet of Ethernet with the other
/// records of its service (RFC 6763 section 6.2).
pub const TXT_MAX: usize = 1300;

/// Bytes of a TXT record that are kept of one that was heard: three times what may be published, since
/// printers exceed that.
pub const TXT_HEARD_MAX: usize = 4096;

/// TCP listeners that are told apart on one port.
pub const LISTENERS_A_PORT: usize = 64;

/// How long it is known what listens on a port. Bounds the look-ups to one a second for each port.
pub const LISTENERS_KNOWN_FOR: Duration = Duration::from_secs(1);

/// Processes that stand by whose connections an owner holds, two descriptors each. More wait
/// in line without being answered for.
pub const OFFERERS_MAX: usize = 128;

/// Those of them whose offers are not taken: they wait in line only.
pub const OFFERERS_UNTRUSTED: usize = 32;

/// Test exchanges of one source that are answered in a minute. A doctor needs nine.
pub const EXCHANGES_A_MINUTE: u32 = 30;

/// Sources whose test exchanges are answered in a minute: 32 answers a second in all at the most.
pub const EXAMINED_AT_A_TIME: usize = 64;

/// Protocols that one engine speaks at a time.
pub const CODECS_MAX: usize = 4;

/// Networks and addresses in one allow list.
pub const ALLOW_MAX: usize = 256;

/// Broadcast addresses and hosts probed in one round. Hosts with more networks than this are
/// container hosts, on which interfaces are better named.
pub const TARGETS_MAX: usize = 1024;

/// Hosts given by name that one discovery looks up, each in a thread of its own.
pub const NAMES_MAX: usize = 32;

/// Addresses of one name that are probed.
pub const NAME_ADDRESSES_MAX: usize = 16;

/// Names that one process looks up at a time. The system cannot be told to stop, so a discovery that
/// has ended may leave some behind until it gives up.
pub const LOOKUPS_MAX: usize = 64;

/// Servers found before that one discovery probes: more on one network would be a crowd, which
/// broadcasts find.
pub const REMEMBERED_MAX: usize = 64;

/// Servers that are remembered in all, for every network that this host was in.
pub const MEMORY_MAX: usize = 256;

/// Size of the file in which servers are remembered, in bytes: twice what so many of them take.
pub const MEMORY_BYTES: usize = 65_536;

/// How long a server is remembered that is not found again: 30 days.
pub const MEMORY_AGE: Duration = Duration::from_secs(30 * 86_400);

/// Addresses that one sweep may probe: a /16.
pub const SWEEP_MAX: u64 = 65_536;

/// The length of the prefix beyond which a network on a link of this host is swept only in the part
/// around our address, unless it is named: /22, which takes about six seconds.
pub const ON_LINK_PREFIX: u8 = 22;

/// Addresses of each network that are swept unasked where nobody answers: as many as an ordinary
/// network has.
pub const LATE_SWEEP_MAX: u64 = 254;

/// How long one process does not sweep a network unasked again.
pub const LATE_SWEEP_PAUSE: Duration = Duration::from_secs(300);

/// Networks of which one process remembers that it swept them; more are not swept unasked.
pub const LATE_SWEEPS_REMEMBERED: usize = 64;

/// The pause between two addresses of a sweep: 250 a second, which no router or radio link minds.
pub const SWEEP_PACE: Duration = Duration::from_millis(4);

/// How long Linux looks for a neighbour before it gives up, and keeps datagrams to it meanwhile:
/// three requests, a second apart.
pub const NEIGHBOUR_WAIT: Duration = Duration::from_secs(3);

/// Probes of a sweep that may wait for neighbours at a time: half of Linux's neighbour table
/// (`gc_thresh3`), and as many datagrams as its send buffer holds.
pub const NEIGHBOURS_WAITING: u32 = 512;

/// The pause between two passes of a sweep, in which the last addresses can answer.
pub const SWEEP_PAUSE: Duration = Duration::from_millis(150);

/// Calls to resolved neighbours in one discovery. As many devices as a home or a floor has; more
/// would look like a scan to printers and phones.
pub const NEIGHBOUR_CALLS_MAX: usize = 256;

/// Those of them that go to neighbours which were known before the first probe. What remains is
/// for neighbours that turn up after it, which are likelier to be servers.
pub const KNOWN_NEIGHBOUR_CALLS_MAX: usize = 224;

/// Calls to resolved neighbours that are sent at once: a tenth of what a default send buffer holds.
pub const NEIGHBOUR_CALLS_AT_ONCE: usize = 32;

/// The pause before the next ones.
pub const NEIGHBOUR_CALLS_PAUSE: Duration = Duration::from_millis(5);

/// The longest timeout of one discovery.
pub const TIMEOUT_MAX: Duration = Duration::from_secs(3600);

/// The most retries of one discovery.
pub const RETRIES_MAX: u32 = 100;

/// Connections that a check of servers opens at a time: a tenth of the descriptors that a process
/// usually may have, and few enough neighbours to be looked for.
pub const CHECKS_AT_A_TIME: usize = 64;

/// The pause between connections to two addresses of one server, and how long an open one that is only
/// claimed waits for another: the least that RFC 8305 section 8 recommends, since networks that
/// broadcasts cross answer within a few milliseconds.
pub const CHECK_STAGGER: Duration = Duration::from_millis(100);

/// How long a connection may take: until a lost SYN would be sent again (RFC 6298 section 2).
pub const CHECK_TIMEOUT: Duration = Duration::from_secs(1);

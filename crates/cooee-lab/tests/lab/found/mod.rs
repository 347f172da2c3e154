//! What a client finds where finding is hard: late servers, large networks, lost interfaces, two
//! networks of one number, answers that cannot be read; and what it says where it finds nobody.

mod behind_nat;
mod bound;
mod cut_short;
mod firewalled;
mod late;
mod many_clients;
mod many_networks;
mod nobody;
mod on_link;
mod rows;
mod small_networks;
mod sweeps;
mod this_host;
mod unreadable;
mod vanishing;

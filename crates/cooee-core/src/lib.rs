//! The protocol engine of Cooee: decides what to send and when, without sockets or clocks.

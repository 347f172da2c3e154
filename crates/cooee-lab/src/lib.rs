//! A seeded network simulator and a network-namespace lab for Cooee's tests.

pub mod sim;

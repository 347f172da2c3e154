//! What others announce by multicast DNS, as `cooee find` tells of it.

mod beside;
mod flooded;
mod left_out;
mod listed;
mod many;
mod scopes;

use serde_json::Value;

/// What a field of a server says, by its name.
fn of<'a>(servers: &'a [Value], name: &str) -> &'a Value {
    let mut named = servers.iter().filter(|server| server["name"] == name);
    let (Some(server), None) = (named.next(), named.next()) else {
        panic!("one {name}: {servers:#?}")
    };
    server
}

//! How many connections each client has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Counts the connections of each client, so that one client leaves room for others.
#[derive(Debug)]
pub(super) struct Clients {
    limit: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

impl Clients {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit: limit.max(1), open: Mutex::default() })
    }

    /// Counts a connection until the returned value is dropped; `None` if the client has too many.
    pub(super) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<Share> {
        let Some(client) = client_of(address) else {
            return Some(Share { clients: Arc::clone(self), client: None });
        };
        self.change(|open| {
            let count = open.entry(client).or_default();
            (*count < self.limit).then(|| *count += 1)
        })?;
        Some(Share { clients: Arc::clone(self), client: Some(client) })
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashMap<IpAddr, usize>) -> T) -> T {
        // A panic cannot leave a count half changed.
        change(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A client's connection.
#[derive(Debug)]
pub(super) struct Share {
    clients: Arc<Clients>,
    client: Option<IpAddr>,
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(client) = self.client else { return };
        self.clients.change(|open| {
            if let Some(count) = open.get_mut(&client) {
                *count -= 1;
                if *count == 0 {
                    open.remove(&client);
                }
            }
        });
    }
}

/// Who a client is: an IPv4 address, or the network that a subscriber gets of IPv6. `None` for this machine, from which a
/// proxy connects for many clients.
fn client_of(address: IpAddr) -> Option<IpAddr> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Some(IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
        }
        address => Some(address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_a_share_and_others_have_theirs() {
        let clients = Clients::new(2);
        let admit = |address: &str| clients.admit(address.parse().unwrap());
        let (first, second) = (admit("192.0.2.1"), admit("::ffff:192.0.2.1"));
        assert!(first.is_some() && second.is_some() && admit("192.0.2.1").is_none());
        assert!(admit("192.0.2.2").is_some());
        drop(first);
        assert!(admit("192.0.2.1").is_some());

        let network = [admit("2001:db8::1"), admit("2001:db8::2")];
        assert!(network.iter().all(Option::is_some) && admit("2001:db8::3").is_none());
        assert!(admit("2001:db8:0:1::1").is_some());
        drop((network, second));
        assert!(
            clients.change(|open| open.is_empty()),
            "nothing is left of a client that has gone"
        );
    }

    #[test]
    fn this_machine_has_no_share() {
        let clients = Clients::new(1);
        let shares: Vec<_> = ["127.0.0.1", "::1", "127.0.0.2"]
            .iter()
            .cycle()
            .take(9)
            .map(|address| clients.admit(address.parse().unwrap()))
            .collect();
        assert!(shares.iter().all(Option::is_some));
    }
}

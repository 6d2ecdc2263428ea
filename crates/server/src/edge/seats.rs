//! Seats: how many connections there are, in all and from each address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Counts connections and refuses those above the bounds.
pub(crate) struct Seats {
    total_bound: u64,
    address_bound: u64,
    spares_loopback: bool,
    taken: Mutex<Taken>,
    left: Notify,
}

#[derive(Default)]
struct Taken {
    total: u64,
    by_address: HashMap<IpAddr, u64>,
}

/// Why there is no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// Too many connections in all.
    House,
    /// Too many from this address.
    Address,
}

/// The right to have a connection, until it is dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    counts: bool,
    address: Option<IpAddr>,
}

impl Seats {
    /// None taken yet. The bounds are `Limits::connections` and `Limits::address_connections`.
    pub(crate) fn new(total_bound: u64, address_bound: u64) -> Arc<Self> {
        Self::build(total_bound, address_bound, true)
    }

    /// As [`Seats::new`], but connections from this machine are counted by their address, too.
    pub(crate) fn also_for_loopback(total_bound: u64, address_bound: u64) -> Arc<Self> {
        Self::build(total_bound, address_bound, false)
    }

    fn build(total_bound: u64, address_bound: u64, spares_loopback: bool) -> Arc<Self> {
        Arc::new(Self { total_bound, address_bound, spares_loopback, taken: Mutex::default(), left: Notify::new() })
    }

    /// Takes a seat for a connection; `address` is `None` where only the total counts.
    pub(crate) fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Result<Seat, Full> {
        let mut taken = self.taken.lock();
        if taken.total >= self.total_bound {
            return Err(Full::House);
        }
        let address = self.count(&mut taken, address)?;
        taken.total += 1;
        Ok(Seat { seats: Arc::clone(self), counts: true, address })
    }

    /// Counts a connection that has a seat already for one address more: the one for which a proxy speaks.
    pub(crate) fn take_behind_proxy(self: &Arc<Self>, address: IpAddr) -> Result<Seat, Full> {
        let address = self.count(&mut self.taken.lock(), Some(address))?;
        Ok(Seat { seats: Arc::clone(self), counts: false, address })
    }

    fn count(&self, taken: &mut Taken, address: Option<IpAddr>) -> Result<Option<IpAddr>, Full> {
        let Some(address) = address
            .map(IpAddr::to_canonical_of_owner)
            .filter(|address| !(self.spares_loopback && address.is_loopback()))
        else {
            return Ok(None);
        };
        let count = taken.by_address.entry(address).or_default();
        if *count >= self.address_bound {
            return Err(Full::Address);
        }
        *count += 1;
        Ok(Some(address))
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.lock().total
    }

    /// Waits until none is taken.
    pub(crate) async fn empty(&self) {
        loop {
            let left = self.left.notified();
            if self.taken() == 0 {
                return;
            }
            left.await;
        }
    }
}

/// Addresses that belong together.
trait Owner {
    /// One IPv6 subscriber has a whole /64; IPv4 within IPv6 is IPv4.
    fn to_canonical_of_owner(self) -> IpAddr;
}

impl Owner for IpAddr {
    fn to_canonical_of_owner(self) -> IpAddr {
        match self.to_canonical() {
            IpAddr::V6(address) if !address.is_loopback() => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
            }
            other => other,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock();
        if let Some(address) = self.address
            && let Some(count) = taken.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_address.remove(&address);
            }
        }
        if self.counts {
            taken.total -= 1;
            if taken.total == 0 {
                self.seats.left.notify_waiters();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Seats {
        fn take_for(self: &Arc<Self>, address: IpAddr) -> Result<Seat, Full> {
            self.take(Some(address))
        }
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_seat_is_free_again_when_it_is_left() {
        let seats = Seats::new(2, 1);
        let first = seats.take_for(ip("192.0.2.1")).unwrap();
        assert_eq!(seats.take_for(ip("192.0.2.1")).err(), Some(Full::Address));
        let _second = seats.take_for(ip("192.0.2.2")).unwrap();
        assert_eq!(seats.take_for(ip("192.0.2.3")).err(), Some(Full::House));
        drop(first);
        assert!(seats.take_for(ip("192.0.2.1")).is_ok());
        assert_eq!(seats.taken(), 1);
    }

    #[test]
    fn loopback_and_the_uncounted_have_no_bound_of_their_own() {
        let seats = Seats::new(9, 1);
        let taken: Vec<_> = ["127.0.0.1", "127.0.0.1", "::1", "::1", "::ffff:127.0.0.1"]
            .map(|text| seats.take_for(ip(text)).unwrap())
            .into();
        let _proxy = seats.take(None).unwrap();
        assert_eq!(seats.taken(), taken.len() as u64 + 1);
    }

    #[test]
    fn loopback_is_an_address_where_it_is_not_spared() {
        let seats = Seats::also_for_loopback(9, 1);
        let _first = seats.take_for(ip("127.0.0.1")).unwrap();
        assert_eq!(seats.take_for(ip("::ffff:127.0.0.1")).err(), Some(Full::Address));
        assert!(seats.take_for(ip("::1")).is_ok());
    }

    #[test]
    fn one_ipv6_subscriber_is_one_address() {
        let seats = Seats::new(9, 1);
        let _first = seats.take_for(ip("2001:db8::1")).unwrap();
        assert_eq!(seats.take_for(ip("2001:db8::2")).err(), Some(Full::Address));
        assert!(seats.take_for(ip("2001:db8:0:1::1")).is_ok());
        let _mapped = seats.take_for(ip("::ffff:192.0.2.1")).unwrap();
        assert_eq!(seats.take_for(ip("192.0.2.1")).err(), Some(Full::Address));
    }

    #[test]
    fn behind_a_proxy_the_address_counts_but_not_the_total() {
        let seats = Seats::new(1, 1);
        let _proxy = seats.take(None).unwrap();
        let behind = seats.take_behind_proxy(ip("192.0.2.1")).unwrap();
        assert_eq!(seats.take_behind_proxy(ip("192.0.2.1")).err(), Some(Full::Address));
        drop(behind);
        assert_eq!(seats.taken(), 1);
        assert!(seats.take_behind_proxy(ip("192.0.2.1")).is_ok());
    }

    #[tokio::test]
    async fn the_last_to_leave_is_noticed() {
        let seats = Seats::new(9, 9);
        let seat = seats.take(None).unwrap();
        let waiting = tokio::spawn({
            let seats = Arc::clone(&seats);
            async move { seats.empty().await }
        });
        drop(seat);
        waiting.await.unwrap();
    }
}

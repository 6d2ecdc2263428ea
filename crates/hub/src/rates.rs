//! Rates: how often somebody may do something, as buckets that drain with time.
//!
//! Our own and not a crate's, because a successful login gives its attempt back, and because time is an argument here.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};

use parking_lot::Mutex;
use quintet_core::federation::Host;
use quintet_core::federation::desk::Allowance;
use quintet_core::limits::{self, Limits};
use quintet_core::{Error, Id, Timestamp};

const MICROS_PER_SECOND: u64 = 1_000_000;
const MICROS_PER_MINUTE: u64 = 60 * MICROS_PER_SECOND;

/// How much of what, on average and at once.
#[derive(Clone, Copy, Debug)]
struct Quota {
    /// Between two, on average, in microseconds.
    spacing: i64,
    /// How many at once.
    burst: i64,
}

impl Quota {
    fn new(per_period: u64, period_micros: u64, burst: u64) -> Self {
        let spacing = period_micros / per_period.max(1);
        Self { spacing: signed(spacing).max(1), burst: signed(burst).max(1) }
    }

    fn per_minute(count: u64) -> Self {
        Self::new(count, MICROS_PER_MINUTE, count)
    }

    /// How long a full bucket takes to drain, in microseconds.
    fn window(self) -> i64 {
        self.spacing.saturating_mul(self.burst)
    }

    /// What a bucket takes that is empty in so many microseconds.
    fn allowance(self, full: i64) -> Allowance {
        let left = self.window().saturating_sub(full).max(0) / self.spacing;
        let unsigned = |value: i64| u64::try_from(value).unwrap_or_default();
        let reset = unsigned(full).div_ceil(MICROS_PER_SECOND);
        Allowance { limit: unsigned(self.burst), remaining: unsigned(left), reset }
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A bucket for each key. Holds only those that are not empty, and no more than `keys_max`.
struct Meter<K> {
    quota: Quota,
    keys_max: usize,
    buckets: Mutex<Buckets<K>>,
}

struct Buckets<K> {
    /// When each bucket is empty, in microseconds (the "theoretical arrival time" of GCRA).
    empty_at: HashMap<K, i64>,
    /// At this size, empty buckets are swept out.
    sweep_at: usize,
}

impl<K: Eq + Hash> Meter<K> {
    fn new(quota: Quota, keys_max: usize) -> Self {
        let buckets = Mutex::new(Buckets { empty_at: HashMap::new(), sweep_at: 1024.min(keys_max) });
        Self { quota, keys_max, buckets }
    }

    /// Takes one; false if the bucket is full, or if there is no room for one more key.
    fn take(&self, key: K, now: Timestamp) -> bool {
        self.take_telling(key, now).0
    }

    /// As [`Meter::take`], with what the key may still take.
    fn take_telling(&self, key: K, now: Timestamp) -> (bool, Allowance) {
        let now = now.millis().saturating_mul(1000);
        let mut buckets = self.buckets.lock();
        if buckets.empty_at.len() >= buckets.sweep_at && !buckets.empty_at.contains_key(&key) {
            buckets.sweep(now, self.keys_max);
            if buckets.empty_at.len() >= self.keys_max {
                return (false, self.quota.allowance(self.quota.window()));
            }
        }
        let window = self.quota.window();
        let empty_at = buckets.empty_at.entry(key).or_insert(now);
        // A clock that was set back must not lock anybody out for longer than a window.
        let from = (*empty_at).clamp(now, now.saturating_add(window));
        let until = from.saturating_add(self.quota.spacing);
        let fits = until.saturating_sub(now) <= window;
        *empty_at = if fits { until } else { from };
        (fits, self.quota.allowance(empty_at.saturating_sub(now)))
    }

    /// Gives one back.
    fn give_back(&self, key: &K) {
        if let Some(empty_at) = self.buckets.lock().empty_at.get_mut(key) {
            *empty_at = empty_at.saturating_sub(self.quota.spacing);
        }
    }
}

impl<K: Eq + Hash> Buckets<K> {
    fn sweep(&mut self, now: i64, keys_max: usize) {
        self.empty_at.retain(|_, empty_at| *empty_at > now);
        self.sweep_at = (self.empty_at.len() * 2).clamp(1024.min(keys_max), keys_max);
    }
}

/// The rates of the house that are not a single connection's.
pub struct Rates {
    messages: Meter<Id>,
    account_logins: Meter<(Account, IpAddr)>,
    account_total_logins: Meter<Account>,
    address_logins: Meter<IpAddr>,
    registrations: Meter<IpAddr>,
    entities: Meter<Host>,
    inquiries: Meter<IpAddr>,
    operator_messages: Meter<IpAddr>,
}

/// Whose login it is: a known account however it was named, or the unknown name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Account {
    /// By number.
    Known(Id),
    /// By a hash of what was typed: it may be long, and somebody's password by mistake.
    Unknown(u64),
}

impl Account {
    /// Nobody's login.
    pub fn unknown(login: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        login.hash(&mut hasher);
        Self::Unknown(hasher.finish())
    }
}

/// An attempt to log in that counts as failed until it is [`Rates::login_succeeded`].
pub struct Attempt {
    account: Account,
    address: IpAddr,
}

impl Rates {
    /// With the bounds of these limits.
    pub fn new(limits: &Limits) -> Self {
        let keys = limits::size(limits.rate_keys).max(1);
        let (per_second, burst) = (limits.identity_messages_per_second, limits.identity_messages_burst);
        Self {
            messages: Meter::new(Quota::new(per_second, MICROS_PER_SECOND, burst), keys),
            account_logins: Meter::new(Quota::per_minute(limits.account_login_failures), keys),
            account_total_logins: Meter::new(Quota::per_minute(limits.account_total_login_failures), keys),
            address_logins: Meter::new(Quota::per_minute(limits.address_login_failures), keys),
            registrations: Meter::new(Quota::per_minute(limits.address_registrations), keys),
            entities: Meter::new(
                Quota::new(limits.peer_messages_per_second, MICROS_PER_SECOND, limits.peer_messages_burst),
                keys,
            ),
            inquiries: Meter::new(Quota::per_minute(limits.address_inquiries), keys),
            operator_messages: Meter::new(Quota::per_minute(limits.address_operator_messages), keys),
        }
    }

    /// One message or request of somebody. Only users have a rate over all their connections.
    pub fn message(&self, who: Option<Id>, now: Timestamp) -> Result<(), Error> {
        let Some(user) = who else { return Ok(()) };
        allowed(self.messages.take(user, now), "too many messages, slow down")
    }

    /// An attempt to log in begins. Attempts under way count as failed, so that many at once gain nothing.
    pub fn login(&self, account: Account, address: IpAddr, now: Timestamp) -> Result<Attempt, Error> {
        let address = network(address);
        allowed(self.address_logins.take(address, now), "too many failed logins from this address, wait a minute")?;
        let fits = self.account_logins.take((account, address), now) && self.account_total_logins.take(account, now);
        allowed(fits, "too many failed logins for this account, wait a minute")?;
        Ok(Attempt { account, address })
    }

    /// The attempt did not fail after all.
    pub fn login_succeeded(&self, attempt: &Attempt) {
        self.account_logins.give_back(&(attempt.account, attempt.address));
        self.account_total_logins.give_back(&attempt.account);
        self.address_logins.give_back(&attempt.address);
    }

    /// A registration from an address.
    pub fn registration(&self, address: IpAddr, now: Timestamp) -> Result<(), Error> {
        allowed(
            self.registrations.take(network(address), now),
            "too many registrations from this address, wait a minute",
        )
    }

    /// An entity of another house, and what that may send still. A `TooMany` says so, too, as its data.
    pub fn entity(&self, host: &Host, now: Timestamp) -> Result<Allowance, Error> {
        let (fits, allowance) = self.entities.take_telling(host.clone(), now);
        if fits {
            return Ok(allowance);
        }
        let error = Error::too_many("too many entities, wait until there are more again");
        Err(serde_json::value::to_raw_value(&allowance).map(|data| error.with_data(data)).map_err(Error::internal)?)
    }

    /// A key or profile of another house is asked for, because of something that came from an address.
    pub fn inquiry(&self, address: IpAddr, now: Timestamp) -> Result<(), Error> {
        allowed(self.inquiries.take(network(address), now), "too many unknown signers from this address, wait a minute")
    }

    /// A message to the operator from an address.
    pub fn operator_message(&self, address: IpAddr, now: Timestamp) -> Result<(), Error> {
        let fits = self.operator_messages.take(network(address), now);
        allowed(fits, "too many messages to the operator from this address, wait a minute")
    }
}

fn allowed(fits: bool, otherwise: &str) -> Result<(), Error> {
    if fits { Ok(()) } else { Err(Error::too_many(otherwise)) }
}

/// The address as it counts: one IPv6 subscriber commonly has a whole /64 to choose from.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_763_000_000_000 + millis)
    }

    fn meter(keys_max: usize) -> Meter<u32> {
        Meter::new(Quota::per_minute(3), keys_max)
    }

    #[test]
    fn a_full_bucket_drains_with_time() {
        let meter = meter(8);
        let taken: Vec<_> = (0..5).map(|_| meter.take(1, at(0))).collect();
        assert_eq!(taken, [true, true, true, false, false]);
        assert!(meter.take(2, at(0)), "each key has its own bucket");
        assert!(!meter.take(1, at(19_999)));
        assert!(meter.take(1, at(20_000)));
        assert!(!meter.take(1, at(20_000)));
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let meter = meter(8);
        for _ in 0..100 {
            assert!(meter.take(1, at(0)));
            meter.give_back(&1);
        }
    }

    #[test]
    fn a_house_is_told_how_much_more_it_may_send() {
        let limits = Limits { peer_messages_per_second: 2, peer_messages_burst: 3, ..Limits::default() };
        let rates = Rates::new(&limits);
        let host = Host::parse("b.example", quintet_core::federation::host::Reach::Net).unwrap();
        let take = |millis| rates.entity(&host, at(millis));
        assert_eq!(take(0).unwrap(), Allowance { limit: 3, remaining: 2, reset: 1 });
        assert_eq!(take(0).unwrap().remaining, 1);
        assert_eq!(take(0).unwrap(), Allowance { limit: 3, remaining: 0, reset: 2 });
        let refused = take(0).unwrap_err();
        assert_eq!(refused.kind(), quintet_core::Kind::TooMany);
        assert_eq!(refused.data().unwrap().get(), r#"{"limit":3,"remaining":0,"reset":2}"#);
        assert_eq!(take(500).unwrap().remaining, 0);
    }

    #[test]
    fn a_clock_set_back_locks_out_for_a_window_at_the_most() {
        let meter = meter(8);
        for _ in 0..3 {
            assert!(meter.take(1, at(0)));
        }
        assert!(!meter.take(1, at(-3_600_000)));
        assert!(meter.take(1, at(-3_600_000 + 20_000)));
    }

    #[test]
    fn keys_are_bounded_and_empty_buckets_make_room() {
        let meter = meter(2);
        assert!(meter.take(1, at(0)) && meter.take(2, at(0)));
        assert!(!meter.take(3, at(0)), "no room");
        assert!(meter.take(1, at(0)), "who has a bucket keeps it");
        assert!(meter.take(3, at(60_000)));
        assert!(meter.buckets.lock().empty_at.len() <= 2);
    }

    #[test]
    fn addresses_count_by_subscriber() {
        let network_of = |text: &str| network(text.parse().unwrap());
        assert_eq!(network_of("2001:db8::1"), network_of("2001:db8::ffff:1"));
        assert_ne!(network_of("2001:db8:0:1::1"), network_of("2001:db8:0:2::1"));
        assert_eq!(network_of("::ffff:192.0.2.7"), network_of("192.0.2.7"));
        assert_ne!(network_of("192.0.2.7"), network_of("192.0.2.8"));
    }

    #[test]
    fn an_account_waits_where_it_failed_and_its_owner_elsewhere_does_not() {
        let limits = Limits { account_login_failures: 2, ..Limits::default() };
        let rates = Rates::new(&limits);
        let (guesser, owner) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let attempt = |address| rates.login(Account::Known(Id::EVERYONE), address, at(0)).is_ok();
        assert!(attempt(guesser) && attempt(guesser) && !attempt(guesser));
        assert!(attempt(owner));
    }

    #[test]
    fn an_account_waits_after_many_failures_wherever_they_come_from() {
        let limits = Limits { account_total_login_failures: 2, ..Limits::default() };
        let rates = Rates::new(&limits);
        let account = || Account::Known(Id::EVERYONE);
        for last in 1..=2 {
            assert!(rates.login(account(), IpAddr::from([192, 0, 2, last]), at(0)).is_ok());
        }
        let refused = rates.login(account(), IpAddr::from([192, 0, 2, 3]), at(0)).err().unwrap();
        assert_eq!(refused.kind(), quintet_core::Kind::TooMany);
        assert!(rates.login(account(), IpAddr::from([192, 0, 2, 3]), at(30_000)).is_ok());
    }
}

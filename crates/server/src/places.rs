//! The places for connections: the limits in all and for one address, and which connection gives way
//! when places run out.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use crate::activity::Activity;
use crate::config::Config;
use crate::limits::Limits;
use crate::memory::{Account, RequestMemory};
use crate::peers::Trusted;
use crate::stats::Stats;

/// How long a new connection waits before it looks again for one that gives way: a client may have
/// become slow enough meanwhile.
const NEXT_LOOK: Duration = Duration::from_millis(100);

/// The same while memory is tight.
const NEXT_RELIEF: Duration = Duration::from_millis(5);

/// All places of a server.
#[derive(Debug)]
pub(crate) struct Places {
    limits: Limits,
    /// The peers that are proxies for many clients.
    proxies: Trusted,
    stats: Arc<Stats>,
    memory: Arc<RequestMemory>,
    epoch: Instant,
    occupancy: Mutex<Occupancy>,
    /// Notified when a place was given back, or a connection has declined to give way.
    changed: Notify,
    is_crowded: AtomicBool,
}

#[derive(Debug, Default)]
struct Occupancy {
    next_number: u64,
    by_number: HashMap<u64, Holder>,
    by_address: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Holder {
    address: Option<IpAddr>,
    activity: Arc<Activity>,
    account: Account,
    /// Set while the connection is asked to give way: the patience that it has to exceed.
    is_leaving: Option<Duration>,
}

/// A connection's place, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    number: u64,
    address: Option<IpAddr>,
    pub(crate) activity: Arc<Activity>,
    pub(crate) account: Account,
}

/// The address has its most connections, and none of them gives way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AddressFull;

impl Places {
    pub(crate) fn new(config: &Config) -> Arc<Self> {
        Arc::new(Self {
            limits: config.limits,
            proxies: config.proxies.clone(),
            stats: Arc::clone(&config.stats),
            memory: Arc::clone(&config.memory),
            epoch: Instant::now(),
            occupancy: Mutex::default(),
            changed: Notify::new(),
            is_crowded: AtomicBool::new(false),
        })
    }

    /// Whether a new connection waits for a place. Then answers close their connections.
    pub(crate) fn is_crowded(&self) -> bool {
        self.is_crowded.load(Relaxed)
    }

    /// Waits for a place for a connection from this address.
    pub(crate) async fn take(self: &Arc<Self>, peer: IpAddr) -> Result<Place, AddressFull> {
        let address = (!self.proxies.contains(peer)).then(|| network(peer));
        if let Some(address) = address {
            self.make_room_within(address)?;
        }
        loop {
            if let Some(place) = self.try_take(address) {
                self.is_crowded.store(false, Relaxed);
                return Ok(place);
            }
            self.is_crowded.store(true, Relaxed);
            // We wake when a place is given back, when a connection declines, or after a while.
            let _ = timeout(NEXT_LOOK, self.changed.notified()).await;
        }
    }

    /// While memory is tight, closes connections that keep memory and wait for their clients, in the order
    /// of their waits. Runs as long as the server.
    pub(crate) async fn relieve_memory(self: Arc<Self>) {
        loop {
            self.memory.tight().await;
            while self.memory.is_tight() {
                self.lock().ask_slowest(self.memory.excess_bytes());
                // Connections that were asked end in tasks of their own. If none could be asked, a
                // connection that is busy now will soon be done or wait for its client: try again then.
                let _ = timeout(NEXT_RELIEF, self.memory.given_back()).await;
            }
        }
    }

    /// Asks one of the address's connections to give way if the address has its most.
    fn make_room_within(&self, address: IpAddr) -> Result<(), AddressFull> {
        let mut occupancy = self.lock();
        let number = occupancy
            .by_address
            .get(&address)
            .copied()
            .unwrap_or_default();
        if number < self.limits.max_connections_per_address {
            return Ok(());
        }
        let patience = self.limits.crowded_patience;
        let is_meant = |holder: &Holder| holder.address == Some(address);
        if occupancy.ask_one(patience, is_meant) {
            Ok(())
        } else {
            Err(AddressFull)
        }
    }

    /// A place if there is one; otherwise asks somebody to give way.
    fn try_take(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Place> {
        let mut occupancy = self.lock();
        if occupancy.by_number.len() >= self.limits.max_connections {
            occupancy.ask_one(self.limits.crowded_patience, |_| true);
            return None;
        }
        let number = occupancy.next_number;
        occupancy.next_number += 1;
        let activity = Arc::new(Activity::new(self.epoch));
        let account = Account::new(&self.memory);
        let holder = Holder {
            address,
            activity: Arc::clone(&activity),
            account: account.clone(),
            is_leaving: None,
        };
        occupancy.by_number.insert(number, holder);
        if let Some(address) = address {
            *occupancy.by_address.entry(address).or_default() += 1;
        }
        self.stats.set_connections_open(occupancy.by_number.len());
        Some(Place {
            places: Arc::clone(self),
            number,
            address,
            activity,
            account,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Occupancy> {
        // A poisoned lock is taken anyway: no code under it can panic between two related changes.
        self.occupancy
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Occupancy {
    /// Asks the readiest of the chosen connections to give way; false if none is ready.
    fn ask_one(&mut self, patience: Duration, is_meant: impl Fn(&Holder) -> bool) -> bool {
        let now = Instant::now();
        let readiest = self
            .by_number
            .values_mut()
            .filter(|holder| holder.is_leaving.is_none() && is_meant(holder))
            .filter_map(|holder| Some((holder.activity.readiness(now, patience)?, holder)))
            .min_by_key(|(readiness, _)| *readiness);
        let Some((_, holder)) = readiest else {
            return false;
        };
        holder.is_leaving = Some(patience);
        holder.activity.ask_to_give_way();
        true
    }

    /// Asks connections that keep memory to give way, in the order of their waits for clients, until the
    /// asked ones keep `excess_bytes`. Their patience is zero, since an honest client is never the
    /// slowest for long.
    fn ask_slowest(&mut self, mut excess_bytes: usize) {
        let now = Instant::now();
        let mut slow = Vec::new();
        for holder in self.by_number.values_mut() {
            let kept_bytes = holder.account.kept_bytes();
            if holder.is_leaving.is_some() {
                excess_bytes = excess_bytes.saturating_sub(kept_bytes);
            } else if kept_bytes > 0
                && let Some((_, began)) = holder.activity.readiness(now, Duration::ZERO)
            {
                slow.push((began, kept_bytes, holder));
            }
        }
        slow.sort_unstable_by_key(|(began, ..)| *began);
        for (_, kept_bytes, holder) in slow {
            if excess_bytes == 0 {
                break;
            }
            excess_bytes = excess_bytes.saturating_sub(kept_bytes);
            holder.is_leaving = Some(Duration::ZERO);
            holder.activity.ask_to_give_way();
        }
    }
}

impl Place {
    /// Whether the connection gives way now that it was asked. It declines if a request has come
    /// meanwhile, and somebody else is asked.
    pub(crate) fn gives_way(&self) -> bool {
        let mut occupancy = self.places.lock();
        let Some(holder) = occupancy.by_number.get_mut(&self.number) else {
            return true;
        };
        let crowded = self.places.limits.crowded_patience;
        let patience = holder.is_leaving.unwrap_or(crowded);
        if self.activity.readiness(Instant::now(), patience).is_some() {
            return true;
        }
        holder.is_leaving = None;
        drop(occupancy);
        self.places.changed.notify_one();
        false
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut occupancy = self.places.lock();
        occupancy.by_number.remove(&self.number);
        if let Some(address) = self.address
            && let Some(number) = occupancy.by_address.get_mut(&address)
        {
            *number -= 1;
            if *number == 0 {
                occupancy.by_address.remove(&address);
            }
        }
        self.places
            .stats
            .set_connections_open(occupancy.by_number.len());
        drop(occupancy);
        self.places.changed.notify_one();
    }
}

/// The network that counts as one address: a whole IPv4 address, and the /64 of an IPv6 one, which is
/// the least that a subscriber has.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;

    use super::*;
    use crate::activity::RequestGuard;

    const VISITOR: &str = "192.0.2.1";

    fn places(limits: Limits) -> Arc<Places> {
        Places::new(&Config {
            proxies: Trusted::loopback(),
            ..Config::new(limits)
        })
    }

    fn at_most(max_connections: usize, max_connections_per_address: usize) -> Limits {
        Limits {
            max_connections,
            max_connections_per_address,
            ..Limits::production()
        }
    }

    async fn take(places: &Arc<Places>, address: &str) -> Result<Place, AddressFull> {
        places.take(address.parse().unwrap()).await
    }

    fn begin_request(place: &Place) -> RequestGuard {
        RequestGuard::new(&place.activity, &Empty::<&[u8]>::new())
    }

    /// Whether a place has been asked to give way.
    async fn is_asked(place: &Place) -> bool {
        let asked = place.activity.asked_to_give_way();
        timeout(Duration::from_millis(1), asked).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_has_its_own_limit() {
        let places = places(at_most(10, 2));
        let first = take(&places, VISITOR).await.unwrap();
        let second = take(&places, VISITOR).await.unwrap();
        let _busy = (begin_request(&first), begin_request(&second));

        assert_eq!(take(&places, VISITOR).await.unwrap_err(), AddressFull);
        let mapped = take(&places, "::ffff:192.0.2.1").await;
        assert_eq!(mapped.unwrap_err(), AddressFull);
        take(&places, "192.0.2.2").await.unwrap();

        drop(first);
        take(&places, VISITOR).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_ipv6_network_of_64_bits_is_one_address() {
        let places = places(at_most(10, 1));
        let first = take(&places, "2001:db8:0:1::1").await.unwrap();
        let _busy = begin_request(&first);

        let neighbour = take(&places, "2001:db8:0:1:ffff::2").await;
        assert_eq!(neighbour.unwrap_err(), AddressFull);
        take(&places, "2001:db8:0:2::1").await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_stands_for_any_number_of_clients() {
        let places = places(at_most(10, 1));
        for _ in 0..3 {
            let place = take(&places, "127.0.0.1").await.unwrap();
            std::mem::forget(begin_request(&place));
            std::mem::forget(place);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn of_an_address_that_is_full_an_idle_connection_gives_way() {
        let places = places(at_most(10, 2));
        let busy = take(&places, VISITOR).await.unwrap();
        let _guard = begin_request(&busy);
        let idle = take(&places, VISITOR).await.unwrap();
        drop(begin_request(&idle));
        let stranger = take(&places, "192.0.2.2").await.unwrap();
        drop(begin_request(&stranger));

        take(&places, VISITOR).await.unwrap();

        assert!(is_asked(&idle).await);
        assert!(!is_asked(&busy).await);
        assert!(!is_asked(&stranger).await);
    }

    /// Idle ones first, then silent ones, in both cases the oldest; busy ones never.
    #[tokio::test(start_paused = true)]
    async fn when_all_places_are_taken_the_readiest_gives_way() {
        let places = places(at_most(4, 10));
        let busy = take(&places, VISITOR).await.unwrap();
        let _guard = begin_request(&busy);
        let silent = take(&places, VISITOR).await.unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
        let younger = take(&places, VISITOR).await.unwrap();
        let idle = take(&places, VISITOR).await.unwrap();
        drop(begin_request(&idle));

        for next in [idle, silent, younger] {
            let newcomer = tokio::spawn({
                let places = Arc::clone(&places);
                async move { take(&places, VISITOR).await }
            });
            next.activity.asked_to_give_way().await;
            assert!(places.is_crowded());
            assert!(next.gives_way());
            drop(next);
            let place = newcomer.await.unwrap().unwrap();
            assert!(!places.is_crowded());
            std::mem::forget(begin_request(&place));
            std::mem::forget(place);
        }
        assert!(!is_asked(&busy).await);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_meanwhile_begun_a_request_declines_and_another_is_asked() {
        let places = places(at_most(2, 10));
        let first = take(&places, VISITOR).await.unwrap();
        tokio::time::advance(Duration::from_secs(1)).await;
        let second = take(&places, VISITOR).await.unwrap();
        let newcomer = tokio::spawn({
            let places = Arc::clone(&places);
            async move { take(&places, VISITOR).await }
        });

        first.activity.asked_to_give_way().await;
        let _guard = begin_request(&first);
        assert!(!first.gives_way());
        second.activity.asked_to_give_way().await;
        drop(second);

        newcomer.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_waits_for_its_client_gives_way_when_it_has_done_so_for_long() {
        let places = places(at_most(1, 10));
        let slow = take(&places, VISITOR).await.unwrap();
        let _guard = begin_request(&slow);
        slow.activity.read_blocked();
        let began = Instant::now();
        let newcomer = tokio::spawn({
            let places = Arc::clone(&places);
            async move { take(&places, VISITOR).await }
        });

        slow.activity.asked_to_give_way().await;
        assert!(began.elapsed() >= Limits::production().crowded_patience);
        assert!(slow.gives_way());
        drop(slow);

        newcomer.await.unwrap().unwrap();
    }
}

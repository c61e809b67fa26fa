//! The metrics of subscriptions: what is polled for them, how many there are over HTTP, and whose readers were too slow.

use super::Family;
use crate::front::Front;
use crate::front::stream::Transport;

pub(super) fn subscriptions(out: &mut String, front: &Front) {
    const WATCHED: &str = "skuery_watched_keys";
    let mut family = Family::new(out, WATCHED, "gauge", "Keys that are polled for subscribers.");
    for (system, operation, keys) in front.gateway.watched() {
        let labels = [("system", system.as_str()), ("operation", operation)];
        family.sample(WATCHED, &labels, keys);
    }
    const OPEN: &str = "skuery_streams";
    let mut family = Family::new(out, OPEN, "gauge", "Subscriptions that are answered over HTTP.");
    for transport in [Transport::Sse, Transport::Multipart] {
        let labels = [("transport", transport.as_str())];
        family.sample(OPEN, &labels, front.streams.open(transport));
    }
    const SLOW: &str = "skuery_slow_readers_total";
    let help = "Clients that were dropped because they took nothing for too long.";
    let mut family = Family::new(out, SLOW, "counter", help);
    for transport in Transport::ALL {
        let labels = [("transport", transport.as_str())];
        family.sample(SLOW, &labels, front.streams.too_slow(transport));
    }
}

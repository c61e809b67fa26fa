//! Who is shown how much of what is held, and what the board knows when.

use std::sync::Mutex as StdMutex;

use jiff::ToSpan;

use super::*;
use crate::checkout::record::Buyer;

/// Midnight and so many seconds.
fn at(seconds: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + seconds.seconds()
}

fn buyer(channel: &str, customer: Option<&str>) -> Buyer {
    Buyer {
        channel: channel.into(),
        customer: customer.map(Into::into),
    }
}

/// Two of A at WH for a cart of customer 1, until second 100.
fn cart() -> Lease {
    Lease {
        hold: "hold".into(),
        buyer: buyer("web", Some("1")),
        sku: "A".into(),
        location: "WH".into(),
        quantity: 2.into(),
        since: at(0),
        until: Some(at(100)),
        accepted_at: None,
    }
}

fn order(accepted_at: Option<i64>) -> Lease {
    Lease {
        until: None,
        accepted_at: accepted_at.map(at),
        ..cart()
    }
}

/// Where a test's leases come from; `None` is a ledger that fails.
type Told = Arc<StdMutex<Option<Vec<Lease>>>>;

/// A board whose figures of WH may lack an order for ten seconds.
fn board_over(told: &Told, asked: &Arc<StdMutex<u32>>) -> LeaseBoard {
    let (told, asked) = (told.clone(), asked.clone());
    let reader: Reader = Box::new(move |_| {
        *asked.lock().expect("no panic") += 1;
        let leases = told.lock().expect("no panic").clone();
        Box::pin(async move { leases.ok_or_else(|| LedgerError::Unavailable("down".to_owned())) })
    });
    LeaseBoard {
        reflects_after: HashMap::from([("WH".into(), Duration::from_secs(10))]),
        ..LeaseBoard::new(reader, &[])
    }
}

async fn board_of(leases: Vec<Lease>) -> LeaseBoard {
    let board = board_over(&Arc::new(StdMutex::new(Some(leases))), &Arc::default());
    board.renew(at(0)).await.expect("it is read");
    board
}

/// What is held at a place for others than a customer of the channel web, by a figure of second 50, at second 60.
fn held(board: &LeaseBoard, sku: &str, location: &str, customer: Option<&str>) -> Decimal {
    held_at(board, (sku, location), ("web", customer), (50, 60))
}

fn held_at(
    board: &LeaseBoard,
    (sku, location): (&str, &str),
    (channel, customer): (&str, Option<&str>),
    (read_at, now): (i64, i64),
) -> Decimal {
    let (sku, location) = (sku.into(), location.into());
    let (channel, customer) = (channel.into(), customer.map(Into::into));
    let figure = FigureAt {
        sku: &sku,
        location: &location,
        read_at: at(read_at),
    };
    let looker = Looker {
        channel: &channel,
        customer: customer.as_ref(),
    };
    board.held(&board.leases(), &figure, &looker, at(now))
}

#[tokio::test]
async fn what_a_cart_holds_is_taken_from_everybody_else() {
    let board = board_of(vec![cart(), cart()]).await;
    let two_carts = Decimal::from(4);
    assert_eq!(held(&board, "A", "WH", Some("2")), two_carts);
    assert_eq!(held(&board, "A", "WH", None), two_carts, "from guests");
    assert_eq!(
        held(&board, "A", "WH", Some("1")),
        Decimal::ZERO,
        "not from its customer"
    );
    let elsewhere = held_at(&board, ("A", "WH"), ("b2b", Some("1")), (50, 60));
    assert_eq!(elsewhere, two_carts, "who is another buyer in another channel");
    assert_eq!(
        held(&board, "B", "WH", Some("2")),
        Decimal::ZERO,
        "another article"
    );
    assert_eq!(
        held(&board, "A", "STORE", Some("2")),
        Decimal::ZERO,
        "another place"
    );
}

#[tokio::test]
async fn a_guests_cart_is_taken_from_every_guest() {
    let guest = Lease {
        buyer: buyer("web", None),
        ..cart()
    };
    let board = board_of(vec![guest]).await;
    assert_eq!(held(&board, "A", "WH", None), Decimal::from(2));
    assert_eq!(held(&board, "A", "WH", Some("1")), Decimal::from(2));
}

#[tokio::test]
async fn a_hold_ends_by_its_time_even_when_nobody_reads_the_ledger() {
    let board = board_of(vec![cart()]).await;
    let held = |now| held_at(&board, ("A", "WH"), ("web", None), (50, now));
    assert_eq!(held(99), Decimal::from(2));
    assert_eq!(held(100), Decimal::ZERO);
}

#[tokio::test]
async fn an_order_counts_until_the_figure_can_contain_it_and_for_its_buyer_too() {
    let board = board_of(vec![order(Some(50))]).await;
    let by_figure_of = |read_at| held_at(&board, ("A", "WH"), ("web", Some("1")), (read_at, 1_000));
    assert_eq!(by_figure_of(49), Decimal::from(2), "read before it was accepted");
    assert_eq!(by_figure_of(60), Decimal::from(2), "within the system's delay");
    assert_eq!(by_figure_of(61), Decimal::ZERO, "it is in the figure");
}

#[tokio::test]
async fn an_order_in_doubt_counts_however_new_the_figure_is() {
    let board = board_of(vec![order(None)]).await;
    let held = held_at(&board, ("A", "WH"), ("web", Some("1")), (9_999, 10_000));
    assert_eq!(held, Decimal::from(2));
}

#[tokio::test]
async fn a_system_without_a_delay_contains_what_was_accepted_before_the_figure() {
    let elsewhere = Lease {
        location: "STORE".into(),
        ..order(Some(50))
    };
    let board = board_of(vec![elsewhere]).await;
    let by_figure_of = |read_at| held_at(&board, ("A", "STORE"), ("web", None), (read_at, 60));
    assert_eq!(
        by_figure_of(50),
        Decimal::from(2),
        "at the same moment nobody knows"
    );
    assert_eq!(by_figure_of(51), Decimal::ZERO);
}

#[tokio::test]
async fn when_the_ledger_fails_the_last_reading_holds() {
    let told: Told = Arc::new(StdMutex::new(Some(vec![cart()])));
    let board = board_over(&told, &Arc::default());
    assert!(
        board.leases().is_empty(),
        "nothing is known before the first reading"
    );
    board.renew(at(0)).await.expect("it is read");
    *told.lock().expect("no panic") = None;
    assert!(board.renew(at(1)).await.is_err());
    assert_eq!(held(&board, "A", "WH", None), Decimal::from(2));
    *told.lock().expect("no panic") = Some(Vec::new());
    board.renew(at(2)).await.expect("it is read again");
    assert!(board.leases().is_empty());
}

#[tokio::test]
async fn the_ledger_is_read_once_for_each_change_and_again_after_a_failure() {
    let told: Told = Arc::new(StdMutex::new(Some(Vec::new())));
    let asked = Arc::new(StdMutex::new(0));
    let board = board_over(&told, &asked);
    let asked = || *asked.lock().expect("no panic");
    board.catch_up(at(0)).await.expect("it is read");
    board.catch_up(at(1)).await.expect("there is nothing to read");
    assert_eq!(asked(), 1);
    board.fall_behind();
    *told.lock().expect("no panic") = None;
    assert!(board.catch_up(at(2)).await.is_err());
    assert!(board.catch_up(at(3)).await.is_err(), "what failed is not done");
    *told.lock().expect("no panic") = Some(vec![cart()]);
    board.catch_up(at(4)).await.expect("it is read");
    assert_eq!(asked(), 4);
    assert_eq!(board.leases().count(at(4)), (1, 0));
    assert_eq!(board.leases().count(at(100)), (0, 0), "it has ended");
}

#[tokio::test]
async fn a_reading_under_way_is_waited_for() {
    let gate = Arc::new(tokio::sync::Notify::new());
    let held_up = gate.clone();
    let reader: Reader = Box::new(move |_| {
        let gate = held_up.clone();
        Box::pin(async move {
            gate.notified().await;
            Ok(vec![cart()])
        })
    });
    let board = Arc::new(LeaseBoard::new(reader, &[]));
    let reading = tokio::spawn({
        let board = board.clone();
        async move { board.catch_up(at(0)).await }
    });
    tokio::task::yield_now().await;
    let mut later = Box::pin(board.catch_up(at(0)));
    let soon = futures_util::FutureExt::now_or_never(&mut later);
    assert!(soon.is_none(), "nothing is on the board yet");
    gate.notify_one();
    reading.await.expect("no panic").expect("it is read");
    later.await.expect("there is nothing more to read");
    assert!(!board.leases().is_empty());
}

#[tokio::test]
async fn many_who_wait_for_the_same_change_share_a_reading() {
    let told: Told = Arc::new(StdMutex::new(Some(vec![cart()])));
    let asked = Arc::new(StdMutex::new(0));
    let board = board_over(&told, &asked);
    let all = (0..100).map(|_| board.catch_up(at(0)));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(*asked.lock().expect("no panic"), 1);
}

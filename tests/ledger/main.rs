//! The checkout ledger on both of its stores: every promise is tested on SQLite and, with the feature `real-systems`, on
//! PostgreSQL, which `scripts/test` starts and names in `SKUERY_POSTGRES`.
#![expect(
    clippy::unwrap_used,
    reason = "the promises are functions that the tests of both stores call"
)]

mod ground;
mod things;

mod attempts;
mod commands;
mod damage;
mod faults;
mod holds;
mod model;
mod opening;
mod orders;
mod races;
mod upkeep;

/// Every promise as a test of each store.
macro_rules! on_both_stores {
    ($($module:ident: $($promise:ident),+;)+) => {
        mod sqlite {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    crate::$module::$promise(crate::ground::Ground::sqlite()).await;
                })+
            })+
        }

        #[cfg(feature = "real-systems")]
        mod postgres {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    crate::$module::$promise(crate::ground::Ground::postgres().await).await;
                })+
            })+
        }
    };
}

on_both_stores! {
    attempts:
        a_key_is_one_callers_until_its_lease_ends,
        an_answer_is_given_again_and_another_body_is_refused,
        who_was_overtaken_can_neither_answer_nor_abandon,
        an_abandoned_key_is_free_for_any_body,
        buyers_and_operations_do_not_share_keys;
    holds:
        what_others_hold_is_taken_until_it_ends,
        the_carts_earlier_hold_is_replaced_and_not_counted,
        a_hold_without_lines_only_gives_the_earlier_one_back,
        what_a_system_holds_is_confirmed_and_not_counted,
        what_is_over_can_be_neither_confirmed_nor_extended,
        what_was_not_counted_is_ended_for_good,
        ended_holds_are_given_to_one_caller_until_they_are_given_back,
        only_what_others_are_kept_out_of_is_divided,
        times_are_compared_to_the_nanosecond,
        quantities_are_exact;
    orders:
        an_order_is_written_once_per_number_key_hold_and_payment,
        an_order_needs_a_hold_of_the_same_buyer_that_has_not_ended,
        an_accepted_order_counts_until_the_figure_contains_it,
        a_refused_order_gives_its_stock_back_and_answers_its_key,
        a_due_order_is_given_to_one_worker_under_a_new_epoch,
        a_person_takes_an_order_over_from_a_worker,
        orders_are_found_by_number_key_state_and_time;
    upkeep:
        everything_that_happened_is_told_in_order,
        what_is_old_is_removed_and_orders_stay,
        what_nobody_brings_to_an_end_is_found;
    damage:
        a_ledger_in_use_adds_up,
        damage_of_every_table_is_found;
    races:
        ten_units_are_never_held_eleven_times,
        carts_with_many_articles_never_wait_for_each_other_forever,
        one_key_is_begun_once,
        one_hold_is_ordered_once,
        due_orders_are_shared_between_workers;
    faults:
        a_store_that_takes_no_more_changes_nothing,
        work_that_was_cut_off_leaves_nothing_behind,
        what_was_kept_is_there_after_a_restart;
    model:
        the_store_does_what_the_model_does;
    opening:
        replicas_that_start_at_once_make_the_tables_once,
        a_ledger_of_a_newer_version_is_refused;
}

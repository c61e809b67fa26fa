//! What a checkout has changed is forgotten by the loaders, so that nobody is shown what was before.

use std::sync::Arc;

use skuery_schema::ids::{CustomerNumber, Sku};

use crate::checkout::Changes;
use crate::checkout::record::Buyer;
use crate::commerce::leases::LeaseBoard;
use crate::commerce::sources::Loaders;
use crate::loader::Scope;

/// The loaders and the board, as a checkout sees them.
pub(crate) struct Forgetting {
    pub(crate) loaders: Arc<Loaders>,
    pub(crate) board: Arc<LeaseBoard>,
    /// Whose orders a guest's are.
    pub(crate) guest_customer: Option<CustomerNumber>,
}

impl Changes for Forgetting {
    fn stock_changed(&self, skus: &[Sku]) {
        self.board.fall_behind();
        for stock in &self.loaders.stock {
            stock.loader.forget(skus);
            stock.watch.hurry(skus);
        }
    }

    /// Which company a customer belongs to is not known here, and its list has the order too; so every company's list is
    /// asked again.
    fn orders_changed(&self, buyer: &Buyer) {
        self.board.fall_behind();
        let Some(customer) = buyer.customer.as_ref().or(self.guest_customer.as_ref()) else {
            return;
        };
        let scope = Scope::Customer(customer.clone());
        self.loaders.orders.forget(&scope);
        if let Some(credit) = &self.loaders.customers.credit {
            credit.forget(std::slice::from_ref(customer));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::commerce::gateway::Gateway;
    use crate::commerce::orders::rules::OrderRules;
    use crate::commerce::orders::tests::fake::{Fake, ask, buyer, parts};

    const ORDERS: &str = "{ orders(first: 5) { nodes { number } } }";

    /// A gateway that keeps orders for an hour, its order system, and what forgets.
    fn shop(guest_customer: Option<&str>) -> (Gateway, Arc<Fake>, Forgetting) {
        let oms = Arc::new(Fake::new("oms"));
        let mut parts = parts(std::slice::from_ref(&oms), OrderRules::default(), 100);
        parts.policies.orders.fresh = Duration::from_secs(3_600);
        let gateway = Gateway::new(parts);
        let forgetting = Forgetting {
            loaders: gateway.loaders().clone(),
            board: Arc::new(LeaseBoard::new(
                Box::new(|_| Box::pin(async { Ok(Vec::new()) })),
                &[],
            )),
            guest_customer: guest_customer.map(Into::into),
        };
        (gateway, oms, forgetting)
    }

    fn bought(customer: Option<&str>) -> Buyer {
        Buyer {
            channel: "se".into(),
            customer: customer.map(Into::into),
        }
    }

    /// Whether the system is asked for this customer's orders now.
    async fn is_asked(gateway: &Gateway, oms: &Fake, customer: &str) -> bool {
        oms.calls();
        ask(gateway, buyer(customer), ORDERS).await;
        !oms.calls().is_empty()
    }

    #[tokio::test(start_paused = true)]
    async fn a_buyer_who_has_ordered_is_shown_no_kept_orders() {
        let (gateway, oms, forgetting) = shop(None);
        assert!(is_asked(&gateway, &oms, "C1").await);
        assert!(is_asked(&gateway, &oms, "C2").await);
        assert!(!is_asked(&gateway, &oms, "C1").await, "they are kept");
        forgetting.orders_changed(&bought(Some("C1")));
        assert!(is_asked(&gateway, &oms, "C1").await);
        assert!(!is_asked(&gateway, &oms, "C1").await, "and kept again");
        assert!(!is_asked(&gateway, &oms, "C2").await, "another buyer's stay");
    }

    #[tokio::test(start_paused = true)]
    async fn a_guests_orders_are_those_of_the_customer_they_are_placed_for() {
        let (gateway, oms, forgetting) = shop(Some("C1"));
        assert!(is_asked(&gateway, &oms, "C1").await);
        forgetting.orders_changed(&bought(None));
        assert!(is_asked(&gateway, &oms, "C1").await);
    }
}

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

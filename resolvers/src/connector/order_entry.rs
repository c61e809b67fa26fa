//! The order entry port over a mapping.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use skuery_schema::availability::Address;
use skuery_schema::ids::{LocationCode, Sku, SystemName};

use crate::connector::languages::Chain;
use crate::connector::machine::{End, Machine};
use crate::connector::reader::Reader;
use crate::connector::vars::Vars;
use crate::door::fault::Fault;
use crate::error::LookupError;
use crate::port::order_entry::{
    DraftLine, ExternalNumber, OrderDraft, OrderEntry, OrderPromise, PlacedOrder, Submission,
};
use crate::port::{Answer, Call, Effort, Port, PortLookup};

/// The most lines of an order that is read back.
const MOST_LINES: usize = 10_000;

pub(crate) struct MappedOrderEntry {
    pub(crate) machine: Arc<Machine>,
    pub(crate) promise: OrderPromise,
}

impl Port for MappedOrderEntry {
    fn system(&self) -> &SystemName {
        &self.machine.system
    }

    fn max_keys(&self, lookup: PortLookup) -> usize {
        self.machine.max_keys(lookup)
    }

    fn effort(&self, lookup: PortLookup) -> Effort {
        self.machine.effort(lookup)
    }
}

impl OrderEntry for MappedOrderEntry {
    fn order_promise(&self) -> OrderPromise {
        self.promise
    }

    fn place_order<'a>(&'a self, call: Call, draft: &'a OrderDraft) -> Answer<'a, Submission> {
        Box::pin(async move {
            let vars = self.vars(PortLookup::PlaceOrder, draft)?;
            self.submit(call, PortLookup::PlaceOrder, draft, vars).await
        })
    }

    fn placed_orders<'a>(&'a self, call: Call, external_number: &'a str) -> Answer<'a, Vec<PlacedOrder>> {
        Box::pin(self.found(call, external_number))
    }

    fn finish_order<'a>(
        &'a self,
        call: Call,
        draft: &'a OrderDraft,
        placed: &'a PlacedOrder,
    ) -> Answer<'a, Submission> {
        Box::pin(async move {
            let known =
                json!({"number": &*placed.number, "key": placed.key.as_deref(), "complete": placed.complete});
            let vars = self
                .vars(PortLookup::FinishOrder, draft)?
                .with([("placed", known)]);
            self.submit(call, PortLookup::FinishOrder, draft, vars).await
        })
    }
}

impl MappedOrderEntry {
    async fn submit(
        &self,
        call: Call,
        lookup: PortLookup,
        draft: &OrderDraft,
        vars: Vars,
    ) -> Result<Submission, LookupError> {
        let act = self.machine.act(lookup)?;
        let (end, vars) = self.machine.perform(call, act, vars).await?;
        match end {
            End::Done(answer) => {
                let placed = |reader: &Reader<'_>| self.placed(reader);
                let placed = self.machine.read_one(act, &answer, &vars, placed)?;
                Ok(Submission::Accepted(placed))
            }
            End::Duplicate => Ok(Submission::Duplicate),
            End::Refused(refusal) if self.is_absent(call, draft).await? => Ok(Submission::Refused(refusal)),
            // It was refused because an earlier sending of the same order had arrived.
            End::Refused(_) => Ok(Submission::Duplicate),
            _ => Err(self.unexpected(lookup)),
        }
    }

    /// A refusal is taken at its word only when the order then is not there: not every system undoes what it began, and an
    /// earlier sending may have arrived.
    async fn is_absent(&self, call: Call, draft: &OrderDraft) -> Result<bool, LookupError> {
        if self.promise.external_number == ExternalNumber::None {
            return Ok(true);
        }
        Ok(self.found(call, &draft.external_number).await?.is_empty())
    }

    /// Rows of another number are dropped and counted: some systems search fuzzily.
    async fn found(&self, call: Call, external_number: &str) -> Result<Vec<PlacedOrder>, LookupError> {
        let machine = &*self.machine;
        let act = machine.act(PortLookup::PlacedOrders)?;
        let fail = |fault: Fault| machine.error(act.operation(), fault.of_the_whole());
        let vars = machine.vars().with([("external_number", json!(external_number))]);
        let chain = Chain::default();
        let mut found: Vec<PlacedOrder> = Vec::new();
        let mut foreign = 0;
        for (plan, page) in machine.look(call, act, &vars).await? {
            let constants = plan.constants(&vars).map_err(fail)?;
            for item in plan.items(page.root()).map_err(fail)? {
                let item = item.node();
                if plan.key(item, &chain).map_err(fail)?.as_deref() != Some(external_number) {
                    foreign += 1;
                    continue;
                }
                let reader = plan.reader(item, item, &constants, &chain);
                if reader.switch("skip").map_err(fail)? == Some(true) {
                    continue;
                }
                let order = self.placed(&reader).map_err(fail)?;
                // The same order may be in two places, such as orders and their invoices.
                if found.iter().all(|known| known.number != order.number) {
                    found.push(order);
                }
            }
        }
        if foreign > 0 {
            machine.foreign_rows(act.operation(), foreign);
        }
        Ok(found)
    }

    fn placed(&self, reader: &Reader<'_>) -> Result<PlacedOrder, Fault> {
        let line = |reader: &Reader<'_>| -> Result<Option<(Sku, Decimal)>, Fault> {
            if reader.switch("skip")? == Some(true) {
                return Ok(None);
            }
            let quantity = reader.decimal("quantity")?;
            let quantity = quantity.ok_or_else(|| Fault::invalid_value("a line has no quantity"))?;
            Ok(Some((Sku::new(reader.needed("sku")?), quantity)))
        };
        // A rule from our SKUs to the system's keys does not lead back, so such lines could not be compared.
        let lines = match &self.machine.sku {
            None => reader.records("lines", MOST_LINES, line)?,
            Some(_) => None,
        };
        Ok(PlacedOrder {
            number: reader.needed("number")?,
            key: reader.filled("key")?,
            complete: reader.switch("complete")?.unwrap_or(true),
            lines,
        })
    }

    fn vars(&self, lookup: PortLookup, draft: &OrderDraft) -> Result<Vars, LookupError> {
        let mut lines = Vec::with_capacity(draft.lines.len());
        let mut keys: Vec<String> = Vec::new();
        for line in &draft.lines {
            let key = self.machine.sku_key(line.sku.as_str());
            let key = key.map_err(|fault| self.machine.error(lookup.as_str(), fault))?;
            lines.push(self.line(line, &key));
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let text = |text: &Option<Arc<str>>| json!(text.as_deref());
        let pickup = draft.pickup_location.as_ref();
        Ok(self.machine.vars().with([
            ("external_number", json!(&*draft.external_number)),
            ("customer", json!(draft.customer.as_str())),
            ("channel", json!(&*draft.channel)),
            ("currency", json!(draft.currency.as_str())),
            ("customer_reference", text(&draft.customer_reference)),
            ("note", text(&draft.note)),
            ("placed_at", json!(draft.placed_at.to_string())),
            ("shipping_address", address(draft.shipping_address.as_ref())),
            ("billing_address", address(draft.billing_address.as_ref())),
            (
                "pickup_location",
                pickup.map_or(Json::Null, |code| self.place(code)),
            ),
            ("payment", text(&draft.payment)),
            ("reservation", text(&draft.reservation)),
            ("keys", json!(keys)),
            ("lines", Json::Array(lines)),
        ]))
    }

    fn line(&self, line: &DraftLine, key: &str) -> Json {
        let exact = |number: &Option<Decimal>| number.map(|number| number.to_string());
        json!({
            "number": line.number,
            "sku": key,
            "quantity": line.quantity.to_string(),
            "unit": line.unit.as_deref(),
            "net_price": exact(&line.net_price),
            "gross_price": exact(&line.gross_price),
            "location": line.location.as_ref().map(|code| self.place(code)),
            "location_code": line.location.as_ref().map(|code| code.as_str()),
        })
    }

    /// The system's key of a location; null for one it is not configured with, such as another system's warehouse.
    fn place(&self, code: &LocationCode) -> Json {
        self.machine.location_keys.get(code).cloned().unwrap_or_default()
    }

    fn unexpected(&self, lookup: PortLookup) -> LookupError {
        let fault = Fault::invalid_answer("the answer means something else than is asked here");
        self.machine.error(lookup.as_str(), fault)
    }
}

fn address(address: Option<&Address>) -> Json {
    let Some(address) = address else {
        return Json::Null;
    };
    json!({
        "name": address.name.as_deref(),
        "company": address.company.as_deref(),
        "lines": address.lines.iter().map(|line| &**line).collect::<Vec<_>>(),
        "postal_code": address.postal_code.as_deref(),
        "city": address.city.as_deref(),
        "region": address.region.as_deref(),
        "country": &*address.country,
    })
}

//! Invoices of the demo ERP as PDF files.

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Erp, Refusal};
use crate::demo::ledger::{Invoice, Order, totals};
use crate::demo::pdf;

/// The content of `salesInvoices({id})/pdfDocument`.
pub(super) async fn invoice(
    State(erp): State<Erp>,
    Path((tenant, environment, company, invoice)): Path<(String, String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    erp.authorise(&headers, [&tenant, &environment, &company])?;
    let id = invoice
        .strip_prefix("salesInvoices(")
        .and_then(|rest| rest.strip_suffix(')'));
    let mut all = erp
        .ledger
        .orders
        .iter()
        .filter_map(|order| Some((order, order.invoice.as_ref()?)));
    let found = id.and_then(|id| all.find(|(_, invoice)| invoice.id == id));
    let Some((order, invoice)) = found else {
        let message = "The invoice does not exist.";
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "Internal_RecordNotFound",
            message,
        ));
    };
    erp.system.count_keys(1);
    let content = pdf::page(
        &format!("Faktura / Invoice {}", invoice.number),
        &text(order, invoice),
    );
    Ok(([(CONTENT_TYPE, "application/pdf")], content).into_response())
}

fn text(order: &Order, invoice: &Invoice) -> Vec<String> {
    let customer = order.customer();
    let (net, gross) = totals(&order.lines);
    let mut lines = vec![
        "Skuery Demo Wholesale, Lagergatan 1, Stockholm".to_owned(),
        String::new(),
        format!("Invoice {} of {}", invoice.number, invoice.day),
        format!("Order {} of {}", order.number, order.day()),
        format!("{} ({})", customer.name, customer.number),
        String::new(),
    ];
    for line in &order.lines {
        let price = if line.includes_tax { line.gross } else { line.net };
        lines.push(format!(
            "{:>4} x  {}  {}  {price}",
            line.quantity, line.sku, line.name
        ));
    }
    lines.extend([
        String::new(),
        format!("Net {net} {}", customer.currency),
        format!("Tax {} {}", gross - net, customer.currency),
        format!("Total {gross} {}", customer.currency),
    ]);
    lines
}

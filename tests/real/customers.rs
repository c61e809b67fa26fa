//! Customers of a real Tryton: what it knows of them, and their prices once they have signed in.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use skuery_resolvers::commerce::gateway::{Gateway, GraphqlRequest};
use skuery_resolvers::commerce::identity::{Identity, Permissions};
use skuery_resolvers::port::Call;
use skuery_schema::ids::CustomerNumber;
use tokio::time::Instant;

use crate::dataset::{Dataset, Product};
use crate::tryton::{decimal, parts, skus};

pub(crate) fn call() -> Call {
    Call::interactive(Instant::now() + Duration::from_secs(60))
}

#[tokio::test]
async fn every_customer_is_known_with_its_price_list() {
    let data = Dataset::read();
    let parts = parts("customers.yaml");
    let customers = parts
        .systems
        .iter()
        .find_map(|system| system.customers.as_ref())
        .expect("customers");
    assert!(customers.customer_abilities().customers);
    assert!(
        !customers.customer_abilities().credit,
        "no credit limits without a module for them"
    );
    for expected in &data.customers {
        let number = [CustomerNumber::new(expected.code.as_str())];
        let found = customers.customers(call(), &number).await.expect("an answer");
        let record = found[&number[0]].as_ref().expect("a customer");
        assert_eq!(record.content.name.as_deref(), Some(&*expected.name));
        assert_eq!(
            record.price_list.as_ref().map(|list| list.as_str()),
            expected.price_list.as_deref(),
            "{}",
            expected.code
        );
        assert_eq!(record.individual_prices, Some(false));
        let countries: Vec<&str> = record.content.addresses.iter().map(|it| &*it.country).collect();
        assert_eq!(countries, [expected.country.as_str()]);
        assert_eq!(record.content.company, None, "no tax number");
    }
    let unknown = [CustomerNumber::new("C-999"), CustomerNumber::new("c-001")];
    let found = customers.customers(call(), &unknown).await.expect("an answer");
    assert!(found.is_empty(), "{found:?}");
}

/// A token that names a customer and nothing else: its price list is what Tryton says.
pub(crate) fn signed_in(customer: &str) -> Arc<Identity> {
    Arc::new(Identity {
        subject: Arc::from(customer),
        customer: Some(CustomerNumber::new(customer)),
        company: None,
        price_list: None,
        channels: Vec::new(),
        permissions: Permissions::default(),
        expires: Timestamp::MAX,
    })
}

#[tokio::test]
async fn every_signed_in_customer_has_the_prices_of_the_data_set() {
    let data = Dataset::read();
    let gateway = Gateway::new(parts("signed-in.yaml"));
    let query = "query($skus: [String!]!, $quantity: Decimal!) {
        variants(skus: $skus) { sku price(quantity: $quantity) { unitPrice { net { amount currency } } } }
    }";
    let active: Vec<&Product> = data.products.iter().filter(|product| product.active).collect();
    let mut compared = 0;
    for customer in &data.customers {
        for quantity in [1, 10, 50, 100] {
            let variables = json!({ "skus": skus(&active), "quantity": quantity.to_string() });
            let request = GraphqlRequest {
                query: query.to_owned(),
                variables: variables.as_object().expect("variables").clone(),
                channel: Some("retail".to_owned()),
                identity: Some(signed_in(&customer.code)),
                ..GraphqlRequest::default()
            };
            let response = gateway.execute(&request).await.expect("an answer");
            let answer: Value = serde_json::from_slice(&response.body).expect("JSON");
            assert_eq!(answer.get("errors"), None);
            let variants = answer["data"]["variants"].as_array().expect("a list");
            for (product, variant) in active.iter().zip(variants) {
                assert_eq!(variant["sku"], product.sku);
                let list = customer.price_list.as_deref();
                assert_eq!(
                    decimal(&variant["price"]["unitPrice"]["net"]["amount"]),
                    data.expected_price(product, list, quantity),
                    "{} × {quantity} for {} ({list:?})",
                    product.sku,
                    customer.code
                );
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 8 * 4 * 196);
}

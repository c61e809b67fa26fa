//! Postal addresses out of rows.

use std::sync::Arc;

use skuery_schema::availability::Address;

use crate::connector::reader::Reader;
use crate::door::fault::Fault;

/// A country that the system does not tell, by the convention of ISO 3166's user-assigned codes.
const UNKNOWN_COUNTRY: &str = "ZZ";
/// The most addresses of one customer.
const MOST: usize = 1_000;

/// The addresses of a list.
pub(crate) fn addresses(reader: &Reader<'_>, list: &str) -> Result<Vec<Address>, Fault> {
    Ok(reader.records(list, MOST, address)?.unwrap_or_default())
}

/// One address. A country alone is none: systems fill it in where nothing else is known.
fn address(reader: &Reader<'_>) -> Result<Option<Address>, Fault> {
    let mut lines = reader.list("lines")?.unwrap_or_default();
    lines.retain(|line| !line.is_empty());
    let address = Address {
        name: reader.filled("name")?,
        company: reader.filled("company")?,
        lines,
        postal_code: reader.filled("postal_code")?,
        city: reader.filled("city")?,
        region: reader.filled("region")?,
        country: Arc::default(),
    };
    if address == Address::default() {
        return Ok(None);
    }
    let country = reader.filled("country")?;
    Ok(Some(Address {
        country: country.unwrap_or_else(|| Arc::from(UNKNOWN_COUNTRY)),
        ..address
    }))
}

//! The customers of the demo: dealers, a company with two buyers, consumers, and one whose account is blocked.
//!
//! All of them are made up. Names and addresses of streets are as ordinary as they sound.

/// Somebody who buys, as all systems of the demo know them.
pub(super) struct Customer {
    /// The ERP's customer number, the key everywhere.
    pub(super) number: &'static str,
    pub(super) name: &'static str,
    /// The person who signs in.
    pub(super) person: &'static str,
    pub(super) email: &'static str,
    pub(super) vat_number: &'static str,
    /// Number and name of the company that pays; `None` for consumers.
    pub(super) company: Option<(&'static str, &'static str)>,
    pub(super) currency: &'static str,
    /// The ERP's price group; empty for none.
    pub(super) price_group: &'static str,
    /// A price list that the customer's token names; the ERP knows none.
    pub(super) token_price_list: Option<&'static str>,
    /// Whether there are price rows for this customer alone.
    pub(super) has_own_prices: bool,
    pub(super) discount_percent: i64,
    /// Whether this person sees and approves the orders of the whole company.
    pub(super) is_approver: bool,
    /// In whole kronor: the ERP keeps credit in the company's own currency. 0 is none.
    pub(super) credit_limit: i64,
    /// In öre.
    pub(super) balance: i64,
    /// As the ERP writes it; a space means not at all.
    pub(super) blocked: &'static str,
    pub(super) channel: &'static str,
    pub(super) address: Address,
    pub(super) deliveries: &'static [Address],
    pub(super) habits: Habits,
}

/// A postal address.
pub(super) struct Address {
    pub(super) name: &'static str,
    pub(super) lines: [&'static str; 2],
    pub(super) postal_code: &'static str,
    pub(super) city: &'static str,
    pub(super) country: &'static str,
}

/// How often a customer buys where, over the two years that the demo remembers.
pub(super) struct Habits {
    /// By phone, with a sales representative, in the portal or by EDI.
    pub(super) orders: usize,
    /// On the marketplace.
    pub(super) marketplace: usize,
    /// In a store.
    pub(super) receipts: usize,
}

impl Customer {
    /// Value added tax in percent.
    pub(super) fn tax_percent(&self) -> i64 {
        if self.address.country == "DE" { 19 } else { 25 }
    }

    /// The number orders are billed to.
    pub(super) fn bill_to(&self) -> (&'static str, &'static str) {
        self.company.unwrap_or((self.number, self.name))
    }

    /// Where goods go: the first delivery address, or the customer's own.
    pub(super) fn ship_to(&self, which: usize) -> &Address {
        match self.deliveries.len() {
            0 => &self.address,
            count => &self.deliveries[which % count],
        }
    }
}

const fn address(
    name: &'static str,
    lines: [&'static str; 2],
    postal_code: &'static str,
    city: &'static str,
    country: &'static str,
) -> Address {
    Address {
        name,
        lines,
        postal_code,
        city,
        country,
    }
}

const fn habits(orders: usize, marketplace: usize, receipts: usize) -> Habits {
    Habits {
        orders,
        marketplace,
        receipts,
    }
}

/// A dealer in Sweden, whom the others differ from.
const DEALER: Customer = Customer {
    number: "10010",
    name: "Söders MC AB",
    person: "Karin Ek",
    email: "karin.ek@soders-mc.example",
    vat_number: "SE556677889901",
    company: Some(("10010", "Söders MC AB")),
    currency: "SEK",
    price_group: "DEALER",
    token_price_list: None,
    has_own_prices: false,
    discount_percent: 0,
    is_approver: false,
    credit_limit: 250_000,
    balance: 4_218_750,
    blocked: " ",
    channel: "dealer",
    address: address("Söders MC AB", ["Ringvägen 98", ""], "118 60", "Stockholm", "SE"),
    deliveries: &[
        address(
            "Söders MC AB, butik",
            ["Ringvägen 98", ""],
            "118 60",
            "Stockholm",
            "SE",
        ),
        address(
            "Söders MC AB, verkstad",
            ["Västberga allé 26", "Port 4"],
            "126 30",
            "Hägersten",
            "SE",
        ),
    ],
    habits: habits(48, 6, 3),
};

/// The company whose people order under numbers of their own.
const RIDERS: Option<(&str, &str)> = Some(("10030", "Nordic Riders AB"));

/// A consumer in Sweden.
const CONSUMER: Customer = Customer {
    number: "30010",
    name: "Elsa Lindqvist",
    person: "Elsa Lindqvist",
    email: "elsa.lindqvist@mail.example",
    vat_number: "",
    company: None,
    price_group: "",
    credit_limit: 0,
    balance: 0,
    channel: "se",
    address: address(
        "Elsa Lindqvist",
        ["Kungsgatan 12", "lgh 1203"],
        "211 49",
        "Malmö",
        "SE",
    ),
    deliveries: &[],
    habits: habits(4, 4, 7),
    ..DEALER
};

/// Everybody who has a number.
pub(super) static CUSTOMERS: [Customer; 11] = [
    DEALER,
    Customer {
        number: "10020",
        name: "Göta Motor AB",
        person: "Anders Göthe",
        email: "anders@gota-motor.example",
        vat_number: "SE556123456701",
        company: Some(("10020", "Göta Motor AB")),
        has_own_prices: true,
        credit_limit: 400_000,
        balance: 11_943_025,
        address: address("Göta Motor AB", ["Backavägen 7", ""], "417 05", "Göteborg", "SE"),
        deliveries: &[],
        habits: habits(44, 0, 2),
        ..DEALER
    },
    Customer {
        number: "10031",
        name: "Nordic Riders AB, Malmö",
        person: "Mona Falk",
        email: "mona.falk@nordic-riders.example",
        vat_number: "SE559988776601",
        company: RIDERS,
        credit_limit: 150_000,
        balance: 2_750_000,
        address: address("Nordic Riders AB", ["Lundavägen 60", ""], "212 25", "Malmö", "SE"),
        deliveries: &[],
        habits: habits(24, 0, 4),
        ..DEALER
    },
    Customer {
        number: "10032",
        name: "Nordic Riders AB, inköp",
        person: "Petra Sund",
        email: "petra.sund@nordic-riders.example",
        vat_number: "SE559988776601",
        company: RIDERS,
        is_approver: true,
        credit_limit: 150_000,
        balance: 2_750_000,
        address: address(
            "Nordic Riders AB",
            ["Storgatan 3", "Box 114"],
            "252 23",
            "Helsingborg",
            "SE",
        ),
        deliveries: &[],
        habits: habits(18, 2, 0),
        ..DEALER
    },
    Customer {
        number: "10040",
        name: "Norrlands Hojar AB",
        person: "Lars Åström",
        email: "lars@norrlands-hojar.example",
        vat_number: "SE556444333201",
        company: Some(("10040", "Norrlands Hojar AB")),
        credit_limit: 50_000,
        balance: 6_130_000,
        blocked: "All",
        address: address(
            "Norrlands Hojar AB",
            ["Skeppsgatan 21", ""],
            "903 31",
            "Umeå",
            "SE",
        ),
        deliveries: &[],
        habits: habits(15, 0, 0),
        ..DEALER
    },
    Customer {
        number: "20010",
        name: "Rheinmotor GmbH",
        person: "Jürgen Groß",
        email: "j.gross@rheinmotor.example",
        vat_number: "DE811234567",
        company: Some(("20010", "Rheinmotor GmbH")),
        currency: "EUR",
        credit_limit: 340_000,
        balance: 8_938_968,
        address: address(
            "Rheinmotor GmbH",
            ["Industriestraße 14", "Halle 2"],
            "50735",
            "Köln",
            "DE",
        ),
        deliveries: &[],
        habits: habits(40, 5, 0),
        ..DEALER
    },
    Customer {
        number: "20020",
        name: "Motorradhaus Adler GmbH & Co. KG",
        person: "Sabine Adler",
        email: "einkauf@adler-motorrad.example",
        vat_number: "DE822345678",
        company: Some(("20020", "Motorradhaus Adler GmbH & Co. KG")),
        currency: "EUR",
        price_group: "GOLD",
        credit_limit: 900_000,
        balance: 27_474_987,
        address: address(
            "Motorradhaus Adler",
            ["Landsberger Str. 240", ""],
            "80687",
            "München",
            "DE",
        ),
        deliveries: &[
            address(
                "Adler Filiale Süd",
                ["Rosenheimer Str. 145", ""],
                "81671",
                "München",
                "DE",
            ),
            address(
                "Adler Filiale Augsburg",
                ["Bürgermeister-Ulrich-Str. 90", ""],
                "86179",
                "Augsburg",
                "DE",
            ),
        ],
        habits: habits(52, 0, 0),
        ..DEALER
    },
    Customer {
        number: "20030",
        name: "Zweirad Neustadt e. K.",
        person: "Timo Lang",
        email: "timo@zweirad-neustadt.example",
        vat_number: "DE833456789",
        company: Some(("20030", "Zweirad Neustadt e. K.")),
        currency: "EUR",
        credit_limit: 60_000,
        balance: 0,
        address: address(
            "Zweirad Neustadt e. K.",
            ["Hauptstraße 5", ""],
            "67433",
            "Neustadt",
            "DE",
        ),
        deliveries: &[],
        habits: habits(0, 0, 0),
        ..DEALER
    },
    Customer {
        number: "20040",
        name: "Tourenfreunde Nord GmbH",
        person: "Heike Petersen",
        email: "heike@tourenfreunde.example",
        vat_number: "DE844567890",
        company: Some(("20040", "Tourenfreunde Nord GmbH")),
        currency: "EUR",
        price_group: "",
        token_price_list: Some("GOLD"),
        credit_limit: 230_000,
        balance: 1_480_860,
        address: address(
            "Tourenfreunde Nord GmbH",
            ["Holstenstraße 88", ""],
            "24103",
            "Kiel",
            "DE",
        ),
        deliveries: &[],
        habits: habits(9, 0, 0),
        ..DEALER
    },
    CONSUMER,
    Customer {
        number: "30020",
        name: "Jonas Weber",
        person: "Jonas Weber",
        email: "jonas.weber@mail.example",
        currency: "EUR",
        discount_percent: 5,
        channel: "de",
        address: address("Jonas Weber", ["Kastanienallee 31", ""], "10435", "Berlin", "DE"),
        habits: habits(5, 3, 4),
        ..CONSUMER
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn has_every_kind_of_customer_once_at_least() {
        let any = |test: fn(&Customer) -> bool| CUSTOMERS.iter().any(test);
        assert!(any(
            |customer| customer.price_group == "DEALER" && customer.currency == "EUR"
        ));
        assert!(any(|customer| customer.price_group == "GOLD"));
        assert!(any(|customer| customer.has_own_prices));
        assert!(any(|customer| customer.blocked != " "));
        assert!(any(
            |customer| customer.habits.orders == 0 && customer.company.is_some()
        ));
        assert!(any(
            |customer| customer.company.is_none() && customer.discount_percent > 0
        ));
        assert!(any(|customer| customer.token_price_list.is_some()));
        let numbers: BTreeSet<_> = CUSTOMERS.iter().map(|customer| customer.number).collect();
        assert_eq!(numbers.len(), CUSTOMERS.len());
        let riders: Vec<_> = CUSTOMERS
            .iter()
            .filter(|customer| customer.company == RIDERS)
            .collect();
        assert_eq!(riders.iter().filter(|customer| customer.is_approver).count(), 1);
        assert_eq!(riders.len(), 2);
    }
}

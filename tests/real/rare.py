"""Customers and orders of the kinds that the data set has no word for, for the recordings of the connector.

X-001 has a tax number, an e-mail address and two addresses; X-002 buys for X-001. All of it is bought of products that are
sold no longer afterwards, so that no figure of the data set changes.
"""
import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard


def seed(currency, accounts, term, products, warehouse, country):
    Party, Sale, Product, Unit, Journal, PaymentMethod = (Model.get(name) for name in (
        "party.party", "sale.sale", "product.product", "product.uom", "account.journal", "account.invoice.payment.method"))
    hour, = Unit.find([("name", "=", "Hour")])
    cash, = Journal.find([("type", "=", "cash")])
    paid = PaymentMethod(name="Cash", journal=cash, credit_account=accounts["cash"], debit_account=accounts["cash"])
    paid.save()

    payer = Party(name="Holm & Söner Bygg AB", code="X-001")
    payer.customer_currency = currency
    number = payer.identifiers.new()
    number.type, number.code = "eu_vat", "SE123456789701"
    mail = payer.contact_mechanisms.new()
    mail.type, mail.value = "email", "order@holm.example"
    office, = payer.addresses
    office.street, office.postal_code, office.city = "Storgatan 1\nBox 12", "111 22", "Stockholm"
    office.country, office.invoice = country, True
    site = payer.addresses.new()
    site.attn, site.party_name, site.street = "Åsa Holm", "Holm byggplats", "Hamnvägen 7"
    site.postal_code, site.city, site.country, site.delivery = "222 33", "Lund", country, True
    payer.save()
    branch = Party(name="Holm Verkstad", code="X-002")
    branch.save()

    def order(reference, date, quantities, party=payer):
        sale = Sale(party=party, payment_term=term, reference=reference, warehouse=warehouse)
        sale.sale_date = date and dt.date.fromisoformat(date)
        for sku, quantity in quantities.items():
            line = sale.lines.new()
            line.product, line.quantity = Product(products[sku].id), float(quantity)
        return sale

    def process(sale):
        for step in ("quote", "confirm", "process"):
            if sale.state in ("draft", "quotation", "confirmed"):
                sale.click(step)
        return sale

    def ship(shipment, last="do"):
        if shipment.state == "draft":
            shipment.click("wait")
        for step in ("assign_force", "pick", "pack", last):
            shipment.click(step)

    # Not placed yet: no date, the first without a number too.
    order("X-DRAFT", None, {"SKU-0049": 1}).save()
    order("X-QUOTE", None, {"SKU-0049": 2}).click("quote")

    # In two shipments, the second to come; with a title, a remark and a line that is no product.
    parts = order("X-PARTS", "2026-06-01", {"SKU-0049": 10, "SKU-0099": 3})
    for kind, text in (("title", "Fittings"), ("comment", "Ring first")):
        line = parts.lines.new()
        line.type, line.description = kind, text
    work = parts.lines.new()
    work.description, work.quantity, work.unit, work.unit_price = "Fitting on site\nby the hour", 1.5, hour, Decimal("80")
    process(parts)
    first, = parts.shipments
    if first.state == "draft":
        first.click("wait")
    for move in first.inventory_moves:
        move.quantity = 4.0 if move.product.code == "SKU-0049" else 3.0
    first.save()
    for step in ("assign_force", "pick", "pack", "do"):
        first.click(step)

    # Handed to the carrier, which Tryton tells apart from done.
    carried = process(order("X-CARRIED", "2026-06-02", {"SKU-0049": 2}))
    ship(carried.shipments[0], "ship")

    # Shipped, invoiced and paid.
    settled = process(order("X-PAID", "2026-06-03", {"SKU-0099": 2}))
    ship(settled.shipments[0])
    settled.reload()
    invoice, = settled.invoices
    invoice.click("post")
    pay = invoice.click("pay")
    pay.form.payment_method = paid
    pay.execute("choice")

    # Sent back: an order of its own, with quantities below zero and the first as its origin.
    back = Wizard("sale.return_sale", [settled])
    back.execute("return_")
    returned, = Sale.find([("origin", "=", "sale.sale,%d" % settled.id)])
    returned.sale_date, returned.reference = dt.date(2026, 6, 9), "X-BACK"
    returned.save()
    process(returned)
    arrived, = returned.shipment_returns
    arrived.click("receive")
    arrived.click("do")

    # A shipment cancelled: first nobody has decided what becomes of it, then it has been let go.
    for reference, date in (("X-STUCK", "2026-06-06"), ("X-LET-GO", "2026-06-07")):
        sale = process(order(reference, date, {"SKU-0049": 5}))
        sale.shipments[0].click("cancel")
        sale.reload()
        if reference == "X-LET-GO":
            handle = sale.click("handle_shipment_exception")
            handle.form.ignore_moves.extend(handle.form.ignore_moves.find())
            handle.execute("handle")

    # Bought by the branch, paid and received by the company.
    branch_order = order("X-BRANCH", "2026-06-08", {"SKU-0049": 1}, branch)
    branch_order.invoice_party, branch_order.invoice_address = payer, payer.addresses[0]
    branch_order.shipment_party, branch_order.shipment_address = payer, payer.addresses[1]
    process(branch_order)

#!/usr/bin/env python3
"""Fills a fresh Tryton database with the data set (through proteus, in process).

usage: seed.py TRYTOND_CONF DATABASE DATASET_JSON KEYS_JSON
"""
import datetime as dt
import json
import sys
import time
from decimal import Decimal

from proteus import Model, config as pconfig
from trytond.exceptions import UserWarning

import rare

conf_file, database, dataset, keys_path = sys.argv[1:5]
D = json.load(open(dataset, encoding="utf-8"))
GATEWAY_KEY = "gatewaykey" * 8
GATEWAY_PASSWORD = "gateway-real-1"
cfg = pconfig.set_trytond(database, config_file=conf_file)
t0 = time.time()


def log(*a):
    print("[%6.1fs]" % (time.time() - t0), *a, flush=True)


def money(cents):
    return Decimal(cents) / 100


from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts  # noqa: E402
from trytond.modules.account_invoice.tests.tools import (  # noqa: E402
    create_payment_term, set_fiscalyear_invoice_sequences)
from trytond.modules.company.tests.tools import create_company, get_company  # noqa: E402

# --- company, currencies, fiscal year, accounts
Currency = Model.get("currency.currency")
eur = Currency(name="Euro", symbol="€", code="EUR")
eur.rates.new(date=dt.date(2020, 1, 1), rate=Decimal("1"))
eur.save()
usd = Currency(name="US Dollar", symbol="$", code="USD")
usd.rates.new(date=dt.date(2020, 1, 1), rate=Decimal("1.25"))
usd.save()
Party = Model.get("party.party")
owner = Party(name="Demo Trading Company")
owner.save()
create_company(party=owner, currency=eur)
company = get_company()
create_chart(company)
year = set_fiscalyear_invoice_sequences(
    create_fiscalyear(company, (dt.date(2026, 1, 1), dt.date(max(2027, dt.date.today().year + 1), 12, 31))))
year.click("create_period")
accounts = get_accounts(company)
log("company, chart of accounts, fiscal year")

# --- categories and products
Category = Model.get("product.category")
acc = Category(name="Accounting", accounting=True)
acc.account_revenue = accounts["revenue"]
acc.account_expense = accounts["expense"]
acc.save()
cats = {}
for name in sorted({p["category"] for p in D["products"]}):
    cats[name] = Category(name=name)
    cats[name].save()
Uom = Model.get("product.uom")
unit, = Uom.find([("name", "=", "Unit")])
Template = Model.get("product.template")
fams = {}
for p in D["products"]:
    fams.setdefault(p["family"], []).append(p)
products = {}
templates = []
for fam, members in fams.items():
    t = Template(name=members[0]["familyName"])
    t.default_uom = unit
    t.type = "goods"
    t.salable = True
    t.list_price = money(members[0]["listPriceCents"])
    t.account_category = acc
    t.categories.append(Category(cats[members[0]["category"]].id))
    while t.products:
        t.products.remove(t.products[0])
    for m in members:
        v = t.products.new()
        v.suffix_code = m["sku"]
        v.name = m["name"]
        v.description = m["description"]
        v.list_price = money(m["listPriceCents"])
        ident = v.identifiers.new()
        ident.type = "ean"
        ident.code = m["gtin"]
    templates.append(t)
for k in range(0, len(templates), 5):  # SQLite's parser stack overflows on a larger batch
    Template.save(templates[k:k + 5])
Product = Model.get("product.product")
with cfg.set_context(active_test=False):
    for v in Product.find([("active", "in", [True, False])]):
        products[v.code] = v
log(len(products), "products")

# --- price lists (first matching line wins) and customers
PriceList = Model.get("product.price_list")
lists = {}
for pl in D["priceLists"]:
    r = PriceList(name=pl["code"], price="list_price")
    for line in pl["lines"]:
        n = r.lines.new()
        if line["minQty"]:
            n.quantity = float(line["minQty"])
        if "sku" in line:
            n.product = Product(products[line["sku"]].id)
        if "category" in line:
            n.category = Category(cats[line["category"]].id)
        if "fixedCents" in line:
            n.formula = "Decimal('%s')" % money(line["fixedCents"])
        else:
            n.formula = "unit_price * %s" % (Decimal(line["percent"]) / 100)
    r.save()
    lists[pl["code"]] = r
Country = Model.get("country.country")
countries = {}
for code in sorted({x["country"] for x in D["customers"]}):
    countries[code] = Country(name=code, code=code)
    countries[code].save()
customers = {}
for c in D["customers"]:
    r = Party(name=c["name"])
    r.code = c["code"]
    address, = r.addresses
    address.country = Country(countries[c["country"]].id)
    if c["priceList"]:
        r.sale_price_list = PriceList(lists[c["priceList"]].id)
    r.save()
    customers[c["code"]] = r
log("price lists, customers")

# --- warehouses: the standard one becomes the first, the others are made beside it
Location = Model.get("stock.location")
warehouses = {}
for k, w in enumerate(D["warehouses"]):
    if k == 0:
        r, = Location.find([("type", "=", "warehouse")], limit=1)
        r.name, r.code = w["name"], w["code"]
        r.save()
        lost = r.lost_found_location
    else:
        kids = {}
        for typ, kind in (("input", "storage"), ("output", "storage"), ("storage", "storage")):
            x = Location(name="%s %s" % (w["name"], typ), type=kind)
            x.code = "%s-%s" % (w["code"], typ[:3].upper())
            x.save()
            kids[typ] = x
        r = Location(name=w["name"], code=w["code"], type="warehouse")
        r.input_location = Location(kids["input"].id)
        r.output_location = Location(kids["output"].id)
        r.storage_location = Location(kids["storage"].id)
        r.lost_found_location = Location(lost.id)
        r.save()
    warehouses[w["code"]] = Location(r.id)
log("warehouses")

# --- orders in many states
SaleConfig = Model.get("sale.configuration")
sc = SaleConfig(1)
sc.sale_process_after = dt.timedelta(days=3650)
sc.save()
term = create_payment_term()
term.save()
Sale = Model.get("sale.sale")
Shipment = Model.get("stock.shipment.out")
orders = {}
for o in D["orders"]:
    s = Sale()
    s.party = Party(customers[o["customer"]].id)
    s.payment_term = term
    s.reference = o["number"]
    s.sale_date = dt.date.fromisoformat(o["date"])
    s.warehouse = Location(warehouses[o["warehouse"]].id)
    for l in o["lines"]:
        n = s.lines.new()
        n.product = Product(products[l["sku"]].id)
        n.quantity = float(l["quantity"])
    s.save()
    st = o["state"]
    if st == "cancelled":
        s.click("cancel")
    elif st != "draft":
        s.click("quote")
        if st != "quotation":
            s.click("confirm")
            if st != "confirmed":
                s.click("process")
                if st == "shipped":
                    for sh in s.shipments:
                        for step in ("wait", "assign_force", "pick", "pack", "do"):
                            try:
                                sh.click(step)
                            except Exception as e:
                                if step != "wait":
                                    raise RuntimeError("%s %s: %s" % (o["number"], step, e))
    s.reload()
    orders[o["number"]] = (s.id, s.state, s.shipment_state)
log(len(orders), "orders")

# --- what the data set has no word for
rare.seed(eur, accounts, term, products, warehouses["WH-NORTH"], countries["SE"])
log("rare orders")

# --- stock: counted after the orders, so that on hand is exactly the data set's number
Inventory = Model.get("stock.inventory")
for w in D["warehouses"]:
    inv = Inventory()
    inv.location = Location(warehouses[w["code"]].storage_location.id)
    inv.empty_quantity = "keep"
    for p in D["products"]:
        n = inv.lines.new()
        n.product = Product(products[p["sku"]].id)
        n.quantity = float(p["stock"][w["code"]])
    inv.save()
    inv.click("confirm")
    log("stock of", w["code"])

# --- products no longer sold (an inactive product's cost price is read-only, so this comes last)
Warned = Model.get("res.user.warning")
for p in D["products"]:
    if not p["active"]:
        v = Product(products[p["sku"]].id)
        v.active = False
        try:
            v.save()
        except UserWarning as warning:  # some of the rare orders wait for it still
            Warned(user=cfg.user, name=warning.name, always=True).save()
            v.save()

# --- the gateway's own user, with a key for the REST API
User = Model.get("res.user")
Group = Model.get("res.group")
u = User(name="Gateway", login="gateway")
u.password = GATEWAY_PASSWORD
for g in Group.find([]):
    if any(x in g.name for x in ("Sales", "Stock", "Product", "Account")):
        u.groups.append(g)
u.companies.append(type(company)(company.id))
u.company = type(company)(company.id)
u.save()
App = Model.get("res.user.application")
for usr in (u,):
    a = App(user=User(usr.id), application="rest")
    a.key = GATEWAY_KEY
    a.save()
    if a.state != "validated":
        a.click("validate_")

out = {
    "company": company.id,
    "gateway": {"login": "gateway", "password": GATEWAY_PASSWORD, "restKey": GATEWAY_KEY, "id": u.id},
    "currencies": {"EUR": eur.id, "USD": usd.id},
    "priceLists": {k: v.id for k, v in lists.items()},
    "customers": {k: v.id for k, v in customers.items()},
    "warehouses": {k: {"warehouse": v.id, "storage": v.storage_location.id} for k, v in warehouses.items()},
    "products": {k: v.id for k, v in sorted(products.items())},
    "orders": {k: {"id": v[0], "state": v[1], "shipmentState": v[2]} for k, v in orders.items()},
}
json.dump(out, open(keys_path, "w"), indent=1, sort_keys=True)
log("done")

#!/usr/bin/env python3
"""Records real exchanges with a seeded Tryton for the connector's tests.

usage: eval "$(tests/real/tryton start)"; tests/real/record.py [DIRECTORY]

Writes one file an exchange into DIRECTORY (resolvers/presets/tryton/recordings by default). Secrets are replaced:
the password, the session in the Authorization header and the session in the answer to a login. Nothing else is edited:
short lists come from the request's own limit or domain. Keys are sorted, since Tryton's order of them changes from one
process to the next.
"""
import base64
import http.client
import json
import os
import pathlib
import sys
import urllib.parse

root = pathlib.Path(__file__).resolve().parents[2]
out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "resolvers/presets/tryton/recordings"
url = urllib.parse.urlsplit(os.environ["SKUERY_TRYTON_URL"])
path = url.path.rstrip("/") + "/rpc/"
keys = json.load(open(os.environ["SKUERY_TRYTON_KEYS"], encoding="utf-8"))
login, password = keys["gateway"]["login"], keys["gateway"]["password"]
company, eur, usd = keys["company"], keys["currencies"]["EUR"], keys["currencies"]["USD"]
gold = keys["priceLists"]["PL-GOLD"]
north, south = (keys["warehouses"][w]["warehouse"] for w in ("WH-NORTH", "WH-SOUTH"))


def post(body, session=None):
    connection = http.client.HTTPConnection(url.hostname, url.port)
    headers = {"Content-Type": "application/json"}
    if session:
        headers["Authorization"] = "Session " + base64.b64encode(session.encode()).decode()
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Content-Type"), answer.read().decode()


def record(name, method, params, session=None, request_id=1, keep_login=False):
    body = {"id": request_id, "method": method, "params": params}
    status, content_type, text = post(body, session)
    shown = json.loads(text) if content_type == "application/json" else text
    result = shown
    if method == "common.db.login":
        result = json.loads(json.dumps(shown))
        if "password" in params[1]:
            body["params"] = [params[0], {"password": "<password>"}, *params[2:]]
        if status == 200 and "result" in shown:
            shown["result"][1] = "<session>"
    headers = {"Content-Type": "application/json"}
    if session:
        headers["Authorization"] = "Session <base64 of login:user id:session>"
    exchange = {
        "request": {"method": "POST", "path": path, "headers": headers, "body": body},
        "response": {"status": status, "headers": {"content-type": content_type}, "body": shown},
    }
    if name:
        out.mkdir(parents=True, exist_ok=True)
        (out / (name + ".json")).write_text(json.dumps(exchange, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print("%-34s %s %d bytes" % (name, status, len(text)))
    return result


# --- sessions
record("login_wrong_password", "common.db.login", [login, {"password": "wrong"}, "en"])
record("login_without_password", "common.db.login", [login, {}, "en"])
answer = record("login_ok", "common.db.login", [login, {"password": password}, "en"])
session = "%s:%s:%s" % (login, answer["result"][0], answer["result"][1])
for attempt in range(7):  # more than five failures of one login within five minutes; of a login nobody has
    record("login_too_many_attempts" if attempt == 6 else None, "common.db.login", ["nobody", {"password": "wrong"}, "en"])
record("session_dead", "model.product.price_list.search_read", [[], 0, 1, None, ["name"], {}],
       "%s:%s:%s" % (login, answer["result"][0], "0" * 64))
record("session_missing", "model.product.price_list.search_read", [[], 0, 1, None, ["name"], {}])


def call(name, method, *params):
    return record(name, method, list(params), session, request_id=2)


ctx = {"company": company}
variant = ["code", "suffix_code", "name", "description", "active", "list_price",
           "identifiers.type", "identifiers.code",
           "default_uom.name", "default_uom.symbol", "default_uom.digits"]
product = ["name", "code", "rec_name", "active", "list_price", "categories.name",
           "default_uom.name", "default_uom.symbol", "default_uom.digits"] + ["products." + f for f in variant]
by_code = variant + ["template.id", "template.name", "template.code", "categories.name"]
codes = [["code", "in", ["SKU-0001", "SKU-0002", "SKU-0013", "SKU-9999"]]]
search_read = "model.product.product.search_read"
templates = "model.product.template.search_read"

# --- listing
by_name = [["name", "ASC"], ["id", "ASC"]]
call("preferences", "model.res.user.get_preferences", True, {})
call("listing_page", templates, [], 2, 2, by_name, product, ctx)
call("listing_page_after_the_end", templates, [], 1000, 2, by_name, product, ctx)
call("listing_count", "model.product.template.search_count", [], 0, None, ctx)
call("listing_without_company", templates, [], 0, 2, by_name, ["name", "list_price", "products.code", "products.list_price"], {})
call("listing_inactive_variant", templates, [["products.code", "in", ["SKU-0050"]]], 0, 2, by_name, ["name", "products.code", "products.active"], ctx)
call("listing_active_test_off", templates, [["products.code", "in", ["SKU-0050"]]], 0, 2, by_name, ["name", "products.code", "products.active"], {**ctx, "active_test": False})
call("search_text", templates, [["rec_name", "ilike", "%lamp%"]], 0, 2, by_name, ["name", "products.code"], ctx)
call("search_text_count", "model.product.template.search_count", [["rec_name", "ilike", "%lamp%"]], 0, None, ctx)
call("search_text_code_prefix", templates, [["rec_name", "ilike", "%SKU-0001%"]], 0, 2, by_name, ["name", "products.code"], ctx)
call("search_text_percent_escaped", templates, [["rec_name", "ilike", "%100\\%%"]], 0, 2, by_name, ["name"], ctx)
tools = call("categories", "model.product.category.search_read", [["accounting", "=", False]], 0, None, by_name, ["name", "rec_name", "parent", "childs"], ctx)
tools = next(c["id"] for c in tools["result"] if c["name"] == "Tools")
call("listing_category", templates, [["categories", "child_of", [tools], "parent"]], 0, 2, by_name, ["name", "categories.name"], ctx)

# --- variants
call("variants_by_code", search_read, codes, 0, None, [["id", "ASC"]], by_code, ctx)
call("variants_inactive_left_out", search_read, [["code", "in", ["SKU-0049", "SKU-0050"]]], 0, None, None, ["code", "active"], ctx)
call("variants_inactive_included", search_read, [["code", "in", ["SKU-0049", "SKU-0050"]], ["active", "in", [True, False]]], 0, None, None, ["code", "active"], ctx)
call("variants_special_characters", search_read, [["code", "in", ["a\"b'c%d\\e_ü", "SKU-0001"]]], 0, None, None, ["code"], ctx)
call("variants_by_gtin", search_read, [["identifiers.code", "in", ["4000001000012"]]], 0, None, None, ["code"], ctx)

# --- prices
price_lists = "model.product.price_list.search_read"
call("price_lists", price_lists, [["name", "in", ["PL-ACME", "PL-GOLD"]]], 0, None, by_name, ["name", "company", "company.currency.code"], ctx)
call("price_list_unknown", price_lists, [["name", "in", ["PL-NONE"]]], 0, None, by_name, ["name"], ctx)
call("customer_price_list", "model.party.party.search_read", [["code", "in", ["C-001", "C-004"]]], 0, None, [["code", "ASC"]], ["code", "name", "sale_price_list", "sale_price_list.name"], ctx)
fields = ["code", "sale_price_uom", "sale_uom.symbol"]
for quantity in (1, 10, 100):
    call("prices_gold_quantity_%d" % quantity, search_read, codes, 0, None, None, fields,
         {**ctx, "price_list": gold, "quantity": quantity, "currency": eur})
call("prices_without_list", search_read, codes, 0, None, None, fields, {**ctx, "quantity": 1, "currency": eur})
call("prices_gold_dollars", search_read, codes, 0, None, None, fields, {**ctx, "price_list": gold, "quantity": 1, "currency": usd})
call("prices_without_company", search_read, codes, 0, None, None, fields, {"price_list": gold, "quantity": 1, "currency": eur})
call("prices_unknown_list", search_read, codes, 0, None, None, fields, {**ctx, "price_list": 999999, "quantity": 1, "currency": eur})

# --- stock
warehouses = "model.stock.location.search_read"
date = {"__class__": "date", "year": 2026, "month": 12, "day": 31}
fields = ["code", "quantity", "forecast_quantity", "default_uom.symbol", "default_uom.digits"]
stock_codes = [["code", "in", ["SKU-0001", "SKU-0002", "SKU-0010", "SKU-0013"]]]
call("warehouses", warehouses, [["type", "=", "warehouse"]], 0, None, [["code", "ASC"], ["id", "ASC"]], ["code", "name", "storage_location", "address"], ctx)
call("stock_one_warehouse", search_read, stock_codes, 0, None, None, fields, {**ctx, "locations": [north], "stock_date_end": date})
call("stock_two_warehouses_summed", search_read, stock_codes, 0, None, None, fields, {**ctx, "locations": [north, south], "stock_date_end": date})
call("stock_without_locations", search_read, stock_codes, 0, None, None, fields, {**ctx, "stock_date_end": date})
call("stock_unknown_location", search_read, stock_codes, 0, None, None, fields, {**ctx, "locations": [999999], "stock_date_end": date})
call("stock_of_one_product_everywhere", warehouses, [["type", "=", "warehouse"]], 0, None, [["code", "ASC"], ["id", "ASC"]], ["code", "name", "quantity", "forecast_quantity"],
     {**ctx, "product": keys["products"]["SKU-0002"], "stock_date_end": date})
call("price_and_stock", search_read, stock_codes, 0, None, None, ["code", "sale_price_uom", "quantity", "forecast_quantity"],
     {**ctx, "price_list": gold, "quantity": 10, "currency": eur, "locations": [north], "stock_date_end": date})

# --- customers and orders; those of are in rare.py
place = ["attn", "party_name", "party.name", "street", "postal_code", "city", "subdivision.name", "country.code"]
call("customers", "model.party.party.search_read", [["code", "in", ["X-001", "C-004", "nope"]]], 0, None, None,
     ["code", "name", "email", "tax_identifier.code", "sale_price_list.name", "customer_currency.code"]
     + ["addresses." + field for field in place], ctx)
sales = "model.sale.sale.search_read"
newest = [["sale_date", "DESC"], ["id", "DESC"]]
fields = (
    ["number", "reference", "sale_date", "create_date", "last_modified_at", "state", "invoice_state", "shipment_state",
     "untaxed_amount", "total_amount", "currency.code", "party.code", "invoice_party.code"]
    + ["%s_address.%s" % (kind, field) for kind in ("shipment", "invoice") for field in place]
    + ["line_lines." + field for field in (
        "product.code", "product.name", "summary", "unit.symbol", "unit.name", "unit.digits", "quantity", "quantity_to_ship",
        "unit_price", "amount", "moves.state", "moves.quantity", "moves.planned_date", "moves.shipment", "moves_ignored.quantity")]
    + ["shipments." + field for field in (
        "number", "state", "effective_date", "warehouse.code", "outgoing_moves.sale", "outgoing_moves.state",
        "outgoing_moves.quantity", "outgoing_moves.product.code")])
short = ["number", "reference", "sale_date", "state", "party.code", "invoice_party.code", "shipment_party.code"]
here, dated, undated = ["company", "=", company], ["sale_date", "!=", None], ["sale_date", "=", None]
june = [["sale_date", op, {"__class__": "date", "year": 2026, "month": 6, "day": day}] for op, day in ((">=", 1), ("<=", 30))]
call("orders", sales, [here, dated, ["party.code", "=", "X-001"], *june], 0, 20, newest, fields, ctx)
call("orders_page", sales, [here, dated, ["party.code", "=", "C-001"]], 1, 2, newest, short, ctx)
call("orders_undated", sales, [here, undated, ["party.code", "=", "X-001"]], 0, 20, [["create_date", "DESC"], ["id", "DESC"]], fields, ctx)
call("orders_nulls_last", sales, [here, ["party.code", "=", "X-001"]], 0, 20, newest, short, ctx)
call("orders_by_number", sales, [here, ["party.code", "=", "C-001"], ["number", "=", "20"]], 0, None, newest, short, ctx)
call("orders_of_company", sales,
     [here, ["OR", ["invoice_party.code", "=", "X-001"], [["invoice_party", "=", None], ["party.code", "=", "X-001"]]]],
     0, 20, newest, short, ctx)
call("order_other_lines", sales, [["reference", "=", "X-PARTS"]], 0, None, None,
     ["lines.type", "lines.description", "lines.summary", "lines.product", "lines.quantity", "lines.amount", "line_lines.type"], ctx)
call("order_returned", sales, [["reference", "=", "X-BACK"]], 0, None, None,
     ["number", "origin", "total_amount", "shipment_state", "shipments", "line_lines.quantity", "line_lines.moves.quantity",
      "shipment_returns.number", "shipment_returns.state", "shipment_returns.incoming_moves.quantity"], ctx)

# --- the rest
call("companies", "model.company.company.search_read", [], 0, None, None, ["party.name", "currency.code"], {})
call("currencies", "model.currency.currency.search_read", [["code", "in", ["EUR", "USD"]]], 0, None, None, ["code", "digits", "symbol"], {})
call("error_unknown_field", search_read, codes, 0, None, None, ["code", "no_such_field"], ctx)
call("error_unknown_domain_field", search_read, [["no_such_field", "=", 1]], 0, None, None, ["code"], ctx)
call("error_unknown_model", "model.no.such.search_read", [], 0, None, None, ["code"], ctx)
call("error_unsortable_field", search_read, codes, 0, None, [["list_price", "ASC"]], ["code"], ctx)
call("error_read_missing_id", "model.product.product.read", [keys["products"]["SKU-0001"], 999999], ["code"], ctx)
call("error_forbidden_method", "model.product.product.get_sale_price", [], 1, ctx)
call("error_without_context", search_read)

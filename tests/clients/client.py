"""Python gql: queries over HTTP, subscriptions over a socket and over multipart."""

import asyncio
import json
import random
import sys
import urllib.request

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

SKU = "MC-10008-WHT-M"
STOCK = """subscription Stock($skus: [String!]!) {
  availabilityChanged(skus: $skus) { sku availability { status quantity } }
}"""
VARIANT = "query Variant($sku: String!) { variant(sku: $sku) { sku name availability { quantity } } }"


def request(document, **variables):
    made = gql(document)
    made.variable_values = variables
    return made


def set_stock(origin, quantity):
    body = json.dumps({"stock": {SKU: quantity}}).encode()
    headers = {"content-type": "application/json"}
    asked = urllib.request.Request(f"{origin}/demo/systems/wms", body, headers)
    with urllib.request.urlopen(asked) as answer:
        assert answer.status == 200


async def sees(session, origin, what):
    first, second = random.sample(range(1000, 9000), 2)
    set_stock(origin, first)
    told = []
    async for event in session.subscribe(request(STOCK, skus=[SKU])):
        told.append(event["availabilityChanged"]["availability"]["quantity"])
        if told[-1] == str(second):
            break
        set_stock(origin, second)
    assert len(told) >= 2, told
    print(f"  {what}: {', '.join(told)}")


async def main(origin):
    url = f"{origin}/graphql"
    async with Client(transport=AIOHTTPTransport(url=url), fetch_schema_from_transport=True) as session:
        answer = await session.execute(request(VARIANT, sku=SKU))
        assert answer["variant"]["sku"] == SKU, answer
    async with Client(transport=AIOHTTPTransport(url=url)) as session:
        try:
            await session.execute(gql("{ nope }"))
            raise AssertionError("it was not refused")
        except TransportQueryError as error:
            assert error.errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", error
    socket = WebsocketsTransport(url=url.replace("http", "ws", 1), subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL])
    async with Client(transport=socket) as session:
        answer = await session.execute(request(VARIANT, sku=SKU))
        assert answer["variant"]["sku"] == SKU, answer
        await asyncio.wait_for(sees(session, origin, "a change by socket"), 60)
    async with Client(transport=AIOHTTPTransport(url=url)) as session:
        await asyncio.wait_for(sees(session, origin, "a change by multipart"), 60)
    print("Python gql: ok")


asyncio.run(main(sys.argv[1].rstrip("/")))

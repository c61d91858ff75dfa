"""A client of another making (Python's gql): a query, a mutation and a subscription. Prints what it got as JSON.

python3 gqlClient.py http://127.0.0.1:4000/graphql MODEL_ID
"""

import asyncio
import json
import sys

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

MODEL = gql("query ($id: ID!) { node(id: $id) { __typename id ... on Model { name } } }")
SWEEP = gql(
    """mutation ($input: RunSweepInput!) {
      runSweep(input: $input) { sweep { id } errors { code message field } }
    }"""
)
PROGRESS = gql(
    """subscription ($id: ID!) {
      sweepProgress(sweepId: $id) { status points { id value } }
    }"""
)


async def main(url, model_id):
    # It asks for the schema first and checks every request against it.
    async with Client(transport=AIOHTTPTransport(url=url), fetch_schema_from_transport=True) as session:
        MODEL.variable_values = {"id": model_id}
        node = (await session.execute(MODEL))["node"]
        SWEEP.variable_values = {
            "input": {
                "modelId": model_id,
                "transform": "rotation",
                "target": "IMAGE",
                "values": [0, 10, 20],
                "samples": 20,
            }
        }
        payload = (await session.execute(SWEEP))["runSweep"]
        try:
            await session.execute(gql("{ nodes(ids: [" + '"x",' * 101 + "]) { id } }"))
            refused = None
        except TransportQueryError as error:
            refused = error.errors[0]["extensions"]["code"]

    messages = []
    async with Client(transport=WebsocketsTransport(url=url.replace("http", "ws"))) as session:
        PROGRESS.variable_values = {"id": payload["sweep"]["id"]}
        async for message in session.subscribe(PROGRESS):
            messages.append(message["sweepProgress"])

    print(json.dumps({"node": node, "payload": payload, "refused": refused, "messages": messages}))


asyncio.run(main(*sys.argv[1:]))

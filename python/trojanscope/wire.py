"""Requests over HTTP, asked again where that is safe, and subscriptions over graphql-transport-ws."""

from __future__ import annotations

import json
import re
import time
from typing import Any, Callable, Iterator, Mapping, Optional
from urllib.parse import urljoin, urlsplit

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from .errors import TrojanscopeError, Unreachable, error_of

#: A server that is full or restarting, or whose proxy finds it away.
AWAY = (502, 503, 504)
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0

Variables = Mapping[str, Any]


class Wire:
    """The connection of a client to its server."""

    def __init__(self, url: str, token: Optional[str], timeout: float, patience: float) -> None:
        self.url = url.rstrip("/")
        self.patience = patience
        self._authorization = {"authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(timeout=timeout, headers=self._authorization)

    def close(self) -> None:
        self._http.close()

    def ask(self, query: str, variables: Variables) -> dict[str, Any]:
        """The data of a query or mutation. What starts something has a key and may be sent twice; other mutations
        may not.
        """
        key = (variables.get("input") or {}).get("idempotencyKey")
        twice = bool(key) or not re.search(r"\bmutation\b", query)
        answer = self._send(
            "POST",
            f"{self.url}/graphql",
            twice,
            content=_json({"query": query, "variables": variables}),
            headers={"content-type": "application/json"},
        )
        if answer.get("errors"):
            raise error_of(answer["errors"], answer.get("data"))
        data: dict[str, Any] = answer["data"]
        return data

    def picture(self, address: str) -> bytes:
        """What is at an address of this server."""
        content: bytes = self._request("GET", urljoin(self.url, address), True).content
        return content

    def put(self, address: str, file: bytes) -> None:
        """Sends a file to an address that takes one once."""
        self._request("PUT", urljoin(self.url, address), False, content=file)

    def _send(self, method: str, url: str, twice: bool, **what: Any) -> dict[str, Any]:
        response = self._request(method, url, twice, **what)
        try:
            answer: dict[str, Any] = response.json()
            return answer
        except ValueError as error:
            raise Unreachable(f"{url}: expected an answer of trojanscope, got another page.") from error

    def _request(self, method: str, url: str, twice: bool, **what: Any) -> httpx.Response:
        """Asks again, for as long as `patience`, where nothing was done: no connection, 429 and 503, which say
        how long to wait; and, where twice does no harm, where nobody knows. Raises what the server says with any
        other bad status."""
        until = time.monotonic() + self.patience
        pause = FIRST_PAUSE_S
        while True:
            wait, failure = pause, None
            try:
                response = self._http.request(method, url, **what)
                if response.status_code < 400:
                    return response
                failure = refusal(response)
                busy = response.status_code in (429, 503) or (twice and response.status_code in AWAY)
                wait = retry_after(response) or pause
            except httpx.TransportError as error:
                failure = Unreachable(f"{url} does not answer: {error or type(error).__name__}.")
                busy = twice or isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
            if not busy or time.monotonic() + wait > until:
                raise failure
            time.sleep(wait)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def subscribe(
        self, query: str, variables: Variables, silence: Callable[[], Optional[float]]
    ) -> Iterator[dict[str, Any]]:
        """The data of a subscription, to its end, over a websocket of its own that may be silent for so many
        seconds.
        """
        scheme, _, rest = f"{self.url}/graphql".partition("://")
        address = f"{'wss' if scheme == 'https' else 'ws'}://{rest}"
        try:
            with connect(
                address,
                subprotocols=[Subprotocol("graphql-transport-ws")],
                open_timeout=10,
                close_timeout=1,
                max_size=None,
            ) as socket:
                socket.send(_json({"type": "connection_init", "payload": self._authorization}))
                while True:
                    message = json.loads(socket.recv(timeout=silence()))
                    kind, payload = message["type"], message.get("payload")
                    if kind == "connection_ack":
                        asked = {"query": query, "variables": variables}
                        socket.send(_json({"type": "subscribe", "id": "1", "payload": asked}))
                    elif kind == "ping":
                        socket.send(_json({"type": "pong"}))
                    elif kind == "next":
                        if payload.get("errors"):
                            raise error_of(payload["errors"], payload.get("data"))
                        yield payload["data"]
                    elif kind == "error":
                        raise error_of(payload)
                    elif kind == "complete":
                        return
        except (OSError, WebSocketException, ValueError) as error:
            raise Unreachable(f"{address}: the websocket is cut: {error or type(error).__name__}.") from error


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays, and columns of tables, as what they hold."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"Expected numbers, strings, lists and dicts; got {value!r}.")


def refusal(response: httpx.Response) -> TrojanscopeError:
    """What a bad status says, of the server itself or of a proxy before it."""
    try:
        answer = response.json()
        return error_of(answer["errors"], answer.get("data"))
    except (ValueError, KeyError, TypeError):
        host = urlsplit(str(response.url)).netloc
        return Unreachable(f"{host} answers with status {response.status_code} and nothing of trojanscope's.")


def retry_after(response: httpx.Response) -> Optional[float]:
    """Seconds that the server asks to wait; None where it does not say."""
    value = response.headers.get("retry-after", "")
    return float(value) if re.fullmatch(r"\d+", value) else None

"""The socket on the loopback address: one page at a time, and only pages of the configured origins."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from aiohttp import WSMsgType, web

from docflow.signer.protocol import GREETING, Consent, respond

ADDRESS = "127.0.0.1"
PORT = 13579  # NCALayer's own
LARGEST = 256 * 1024 * 1024  # one message holds a whole batch of papers
LOG = logging.getLogger(__name__)
PAGE = """<!doctype html><meta charset="utf-8"><title>docflow signer</title>
<p>docflow signer жұмыс істеп тұр. · docflow signer работает. · docflow signer is running.</p>"""


@dataclass(frozen=True)
class Signing:
    """Whose pages are answered (``https://docs.example.kz``), and how."""

    origins: frozenset[str]
    consent: Consent
    now: Callable[[], datetime]
    tells_time: bool = True


def application(signing: Signing) -> web.Application:
    """The socket at ``/``; a plain visit tells that the program runs, and lets a browser trust its certificate."""
    turn = asyncio.Lock()  # a person reads one list at a time

    async def root(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(text=PAGE, content_type="text/html")
        origin = request.headers.get("Origin", "")
        if origin not in signing.origins:
            LOG.warning("refused a page of %r", origin[:200])
            raise web.HTTPForbidden(text="this origin is not configured")
        socket = web.WebSocketResponse(max_msg_size=LARGEST)
        await socket.prepare(request)
        await _talk(socket, origin, signing, turn)
        return socket

    app = web.Application()
    app.router.add_get("/", root)
    return app


async def _talk(socket: web.WebSocketResponse, origin: str, signing: Signing, turn: asyncio.Lock) -> None:
    await socket.send_str(json.dumps(GREETING))
    loop = asyncio.get_running_loop()
    async for message in socket:
        if message.type != WSMsgType.TEXT:
            continue
        answer = partial(
            respond,
            message.data,
            origin=origin,
            consent=signing.consent,
            now=signing.now,
            tells_time=signing.tells_time,
        )
        async with turn:
            text = await loop.run_in_executor(None, answer)
        if not socket.closed:
            await socket.send_str(text)


async def serve(signing: Signing, *, port: int, secured: ssl.SSLContext | None, ready: Callable[[int], None]) -> None:
    """Answer until cancelled; *ready* is told the port, which is chosen by the system when *port* is 0."""
    runner = web.AppRunner(application(signing), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, ADDRESS, port, ssl_context=secured)
        await site.start()
        ready(runner.addresses[0][1])
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()

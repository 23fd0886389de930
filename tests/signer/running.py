"""The real socket in a thread, for tests that answer the person's questions themselves."""

from __future__ import annotations

import asyncio
import json
import selectors
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from docflow.signer import server, tls
from docflow.signer.server import Signing


async def until_all_is_closed(loop: asyncio.AbstractEventLoop) -> None:
    """Wait for what asyncio closes some turns after its connection; a loop that ends before leaves it to the collector.

    What stays open is the loop's own pipe, by which other threads wake it.
    """
    selector: selectors.BaseSelector = loop._selector  # type: ignore[attr-defined]
    deadline = time.monotonic() + 60
    while len(selector.get_map()) > 1 and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0)


@contextmanager
def running(signing: Signing, *, directory: Path | None = None) -> Iterator[int]:
    """Serve on a free port, with TLS when there is a *directory* for its certificate; gives the port."""
    loop = asyncio.new_event_loop()
    ports: list[int] = []
    ready = threading.Event()

    def told(port: int) -> None:
        ports.append(port)
        ready.set()

    secured = tls.context(directory, now=signing.now()) if directory else None
    task = loop.create_task(server.serve(signing, port=0, secured=secured, ready=told))

    def run() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            pass
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.run_until_complete(until_all_is_closed(loop))
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(timeout=60)
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=60)


def talk(address: str, *messages: str, origin: str | None, ssl: Any = None) -> tuple[dict[str, Any], list[str]]:
    """Open a socket as a page of *origin*, say each message and wait for its answer; greeting and answers."""

    async def conversation() -> tuple[dict[str, Any], list[str]]:
        headers = {"Origin": origin} if origin is not None else {}
        async with (
            ClientSession() as session,
            session.ws_connect(address, headers=headers, ssl=True if ssl is None else ssl, max_msg_size=0) as socket,
        ):
            greeting = json.loads(await socket.receive_str(timeout=60))
            answers = []
            for message in messages:
                await socket.send_str(message)
                answers.append(await socket.receive_str(timeout=120))
            return greeting, answers

    async def closed() -> tuple[dict[str, Any], list[str]]:
        try:
            return await conversation()
        finally:
            await until_all_is_closed(asyncio.get_running_loop())

    return asyncio.run(closed())

"""A TCP relay in front of the service, whose connections can be cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from yarl import URL


class Relay:
    """Passes bytes on in both directions."""

    def __init__(self, target: URL) -> None:
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Break every connection."""
        for writer in self._open:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        assert self._target.host
        assert self._target.port
        there, onward = await asyncio.open_connection(self._target.host, self._target.port)
        self._open |= {writer, onward}
        try:
            await asyncio.gather(_pump(reader, onward), _pump(there, writer))
        except ConnectionError:
            pass
        finally:
            writer.close()
            onward.close()
            self._open -= {writer, onward}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(2**16):
        writer.write(chunk)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def relaying(target: URL) -> AsyncIterator[tuple[Relay, URL]]:
    """A running relay and its address."""
    relay = Relay(target)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield relay, target.with_port(port)
    finally:
        relay.cut()
        server.close()

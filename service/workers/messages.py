"""Messages between the processes of one service: a head as JSON and a body of bytes, over a Unix socket."""

import asyncio
import json
import socket
import struct
from collections.abc import Iterable
from typing import Any

Head = dict[str, Any]
RawHeaders = Iterable[tuple[bytes, bytes]]  # as ASGI has them

_lengths = struct.Struct("!IQ")


def send(to: socket.socket, head: Head, body: bytes = b"") -> None:
    """Send a message, however long that takes. Raises OSError where nobody listens any more."""
    to.sendall(_packed(head, body))
    to.sendall(body)


def receive(of: socket.socket) -> tuple[Head, bytes]:
    """Wait for a message. Raises EOFError where the other side is gone."""
    head, body = (_all(of, length) for length in _lengths.unpack(_all(of, _lengths.size)))
    return json.loads(head), body


async def send_soon(to: socket.socket, head: Head, body: bytes = b"") -> None:
    """Do the same on a socket that does not block, on the event loop."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(to, _packed(head, body))
    await loop.sock_sendall(to, body)


async def receive_soon(of: socket.socket) -> tuple[Head, bytes]:
    """Do the same on a socket that does not block, on the event loop."""
    head, body = [await _all_soon(of, length) for length in _lengths.unpack(await _all_soon(of, _lengths.size))]
    return json.loads(head), body


def headers_as_text(headers: RawHeaders) -> list[tuple[str, str]]:
    """Headers as a head can hold them."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def headers_as_bytes(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """The same again as ASGI has them."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _packed(head: Head, body: bytes) -> bytes:
    text = json.dumps(head).encode()
    return _lengths.pack(len(text), len(body)) + text


def _all(of: socket.socket, length: int) -> bytes:
    out = bytearray(length)
    rest = memoryview(out)
    while rest:
        rest = rest[_some(of.recv_into(rest)) :]
    return bytes(out)


async def _all_soon(of: socket.socket, length: int) -> bytes:
    out, loop = bytearray(length), asyncio.get_running_loop()
    rest = memoryview(out)
    while rest:
        rest = rest[_some(await loop.sock_recv_into(of, rest)) :]
    return bytes(out)


def _some(count: int) -> int:
    if not count:
        raise EOFError("the other process is gone")
    return count

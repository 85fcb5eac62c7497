"""Messages arrive whole and in order, or not at all."""

import asyncio
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.workers.messages import receive, receive_soon, send, send_soon


@given(st.lists(st.tuples(st.dictionaries(st.text(), st.text()), st.binary()), max_size=5))
def test_what_is_sent_is_received(messages):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for head, body in messages:
            send(ours, head, body)
        assert [receive(theirs) for _ in messages] == messages


def test_a_long_one_comes_back_from_a_process_that_waits():
    ours, theirs = socket.socketpair()
    body = bytes(range(256)) * 40_000
    echo = threading.Thread(target=lambda: send(theirs, *receive(theirs)))

    async def there_and_back():
        ours.setblocking(False)
        await send_soon(ours, {"a": 1}, body)
        return await receive_soon(ours)

    with ours, theirs:
        echo.start()
        assert asyncio.run(there_and_back()) == ({"a": 1}, body)
        echo.join()


@pytest.mark.parametrize("length", [0, 5, 12, 20, 30])
def test_one_that_breaks_off_is_none(length):
    ours, theirs = socket.socketpair()
    with theirs, ours:
        whole, other = socket.socketpair()
        with whole, other:
            send(whole, {"a": "b"}, b"0123456789")
            ours.sendall(other.recv(length) if length else b"")
        ours.close()
        with pytest.raises(EOFError):
            receive(theirs)

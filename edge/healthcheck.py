"""Exit 0 where the edge of this container answers, whatever it answers: a refusal is an answer too."""

import os
import socket
import sys

with socket.create_connection(("127.0.0.1", int(os.environ.get("EDGE_PORT", "8080"))), timeout=3) as connection:
    connection.sendall(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
    sys.exit(not connection.recv(8).startswith(b"HTTP/1.1"))

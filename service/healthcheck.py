"""`python -m service.healthcheck` exits with 0 when the service of this machine is ready; for containers."""

import http.client
import os
import sys

TIMEOUT_S = 3.0
EVERY_ADDRESS = {"0.0.0.0", "::", ""}  # noqa: S104 -- compared with, not listened on


def ready(host: str, port: int) -> bool:
    """Whether /health/ready answers 200."""
    connection = http.client.HTTPConnection("127.0.0.1" if host in EVERY_ADDRESS else host, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if ready(os.environ.get("DRP_HOST", ""), int(os.environ.get("DRP_PORT", "8000"))) else 1)

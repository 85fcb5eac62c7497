"""One service with chemistry in it that most attacks share; whatever one of them does, the next finds it whole."""

import json

import pytest

from tests.helpers.probe import asked, resources_come_back, wait_for
from tests.helpers.service_process import serving

LARGE = json.dumps({"cell_lines": ["A549"] * 20_000, "drugs": ["JQ1"] * 20_000}).encode()
SETTINGS = {"preload_chemistry": "true", "body_timeout_s": 2, "request_timeout_s": 4}


@pytest.fixture(scope="session")
def shared(bundle_folder):
    with serving(bundle=bundle_folder, **SETTINGS) as served:
        for _ in range(2):  # what one large answer takes the allocator keeps
            assert asked(served.port, LARGE)[0] == 200
        yield served


@pytest.fixture
def attacked(shared, request):
    """The service with a worker ready; afterwards it has a worker again, its memory and its descriptors."""
    wait_for(lambda: "drp_batch_workers 1.0" in shared.get("/metrics")[1])
    marker = request.node.get_closest_marker("keeps_mib")
    with resources_come_back(shared, *(marker.args if marker else ())):
        yield shared
        wait_for(lambda: "drp_batch_workers 1.0" in shared.get("/metrics")[1])
        wait_for(lambda: "drp_requests_in_flight 0.0" in shared.get("/metrics")[1])

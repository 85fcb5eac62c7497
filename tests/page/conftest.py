"""The bundled model behind the real service, and a real browser before it."""

import os
import shutil
from pathlib import Path

import pytest

from tests.helpers.service_process import serving

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


def lacking(reason):
    if os.environ.get("DRP_REQUIRE_DATA") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def service():
    bundle = os.environ.get("PAGE_BUNDLE") or ROOT / "bundles" / "gdsc"
    with serving(bundle=bundle, request_timeout_s=120) as process:  # a browser and other tests take the cores
        yield f"http://127.0.0.1:{process.port}"


# Not longer than a module: its event loop runs until it is stopped, and other tests start their own.
@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        lacking("no chromium here: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Page:
    """One tab, and everything that it must not do."""

    def __init__(self, tab, service):
        self.tab, self.service = tab, service
        self.complaints, self.elsewhere = [], []
        tab.on(
            "console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text)
        )
        tab.on("pageerror", lambda fault: self.complaints.append(str(fault)))
        tab.on("request", lambda request: self._asked(request.url))

    def _asked(self, url):
        if not url.startswith((self.service, "blob:", "data:")):
            self.elsewhere.append(url)

    def open(self, address):
        """Go to an address of the page and wait until its view stands."""
        self.tab.goto(f"{self.service}/{address}")
        self.settled()
        return self

    def settled(self):
        self.tab.wait_for_selector("main:not([aria-busy]) h1")
        self.tab.wait_for_selector(".structure[aria-busy]", state="detached")
        return self

    def texts(self, selector):
        return self.tab.locator(selector).all_inner_texts()

    def follow(self, hash_prefix):
        """Wait until the address starts with this, and its view stands."""
        self.tab.wait_for_function("prefix => location.hash.startsWith(prefix)", arg=hash_prefix)
        return self.settled()


@pytest.fixture
def page_with(browser, service):
    """Tabs of any size and colours; each must have kept to this service and said nothing on the console."""
    opened, contexts = [], []

    def make(refusals=False, **options):
        usual = {"viewport": {"width": 1200, "height": 900}, "reduced_motion": "reduce"}
        context = browser.new_context(**{**usual, **options})
        contexts.append(context)
        page = Page(context.new_page(), service)
        opened.append((page, refusals))
        return page

    yield make
    for page, refusals in opened:
        assert not page.elsewhere
        # A browser writes each refused request to the console itself.
        assert [text for text in page.complaints if not (refusals and "Failed to load resource" in text)] == []
    for context in contexts:
        context.close()


@pytest.fixture
def page(page_with):
    return page_with()


@pytest.fixture(scope="session")
def axe():
    if not AXE.exists():
        lacking("no axe-core here: npm ci in tests/page")
    return AXE.read_text(encoding="utf-8")

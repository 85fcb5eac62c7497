"""The page without a mouse, on a telephone, by night, and by the rules that axe checks."""

from pathlib import Path

import pytest

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"

CUT_OFF = """[...document.querySelectorAll('svg.chart > g > text')]
  .filter(text => text.getBoundingClientRect().left < text.ownerSVGElement.getBoundingClientRect().left - 1)
  .map(text => text.textContent)"""

VIEWS = {
    "start": "#/",
    "line": "#/line/A549?by=ln_ic50&k=10",
    "drug": "#/drug/Trametinib",
    "sample": "#/sample?example=1",
    "compound": "#/compound?smiles=CC(%3DO)Oc1ccccc1C(%3DO)O",
    "map": "#/map",
    "model": "#/model",
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_by_day_by_night_and_on_a_telephone(page_with, axe, view):
    """Nothing that axe finds, nothing beyond the screen's edge, and a picture of each to be looked at."""
    page = page_with(bypass_csp=True).open(VIEWS[view])
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.tab.screenshot(path=SCREENSHOTS / f"{view}.png")
    page.tab.evaluate(axe)
    assert faults(page, "axe.run()") == []
    page.tab.emulate_media(color_scheme="dark")
    assert faults(page, "axe.run({runOnly: ['color-contrast']})") == []
    page.tab.screenshot(path=SCREENSHOTS / f"{view}-dark.png")
    page.tab.set_viewport_size({"width": 360, "height": 740})
    page.tab.reload()
    page.settled()
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.tab.evaluate(CUT_OFF) == []
    page.tab.screenshot(path=SCREENSHOTS / f"{view}-telephone.png")


def faults(page, check):
    found = page.tab.evaluate(check)["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]


def test_the_keyboard_alone_finds_a_line_a_drug_and_why(page):
    page.open("#/")
    tab = page.tab
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the content"
    tab.focus("#start-line")
    tab.keyboard.type("a549")
    tab.wait_for_selector("#start-line-list [role=option]")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    page.follow("#/line/A549")
    tab.focus("#by")
    tab.keyboard.press("ArrowDown")
    tab.wait_for_function("location.hash.includes('by=')")
    page.settled()
    assert tab.evaluate("document.activeElement.id") == "by"
    tab.locator("figure .mark").first.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".why h2")
    assert "Why" in tab.evaluate("document.activeElement.textContent")


def test_nothing_jumps_while_a_line_loads(page):
    page.tab.add_init_script(
        "window.jumps = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
        " if (!entry.hadRecentInput) window.jumps += entry.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    page.open("#/line/A549")
    page.tab.wait_for_timeout(300)
    assert page.tab.evaluate("window.jumps") < 0.1

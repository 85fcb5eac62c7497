"""The page without a mouse, on a telephone, by night, and by the rules that axe checks."""

import json

import pytest

VIEWS = {
    "start": "#/",
    "line": "#/line/A549",
    "drug": "#/drug/Trametinib",
    "sample": "#/sample?example=1",
    "compound": "#/compound?smiles=CC(%3DO)Oc1ccccc1C(%3DO)O",
    "map": "#/map",
    "model": "#/model",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(page_with, axe, view, scheme):
    page = page_with(color_scheme=scheme, bypass_csp=True).open(VIEWS[view])
    page.tab.evaluate(axe)
    found = page.tab.evaluate("axe.run()")["violations"]
    assert not found, json.dumps([(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found])


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_stands_out_of_a_telephones_screen(page_with, view):
    page = page_with(viewport={"width": 360, "height": 740}).open(VIEWS[view])
    assert page.tab.evaluate("document.documentElement.scrollWidth") <= 360


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

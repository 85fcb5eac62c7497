"""Each view in a real browser: what a person sees is what the API says."""

from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def asked(service, path):
    answer = httpx2.get(f"{service}/{path}", timeout=30)
    assert answer.status_code == 200
    return answer.json()


def test_a_line_shows_its_drugs_in_the_services_order(page, service):
    page.open("#/line/A549")
    expected = [row["drug"]["name"] for row in asked(service, "rank/A549?k=20")["drugs"]]
    assert page.texts("tbody th a") == expected
    assert page.tab.locator("figure .mark text").all_text_contents()[:3] == expected[:3]
    assert "90 times in 100" in page.texts(".trust")[0]
    assert page.tab.title() == "A549 · Cell line · drug-response"


def test_every_choice_is_in_the_address_and_the_address_gives_it_back(page, page_with):
    page.open("#/line/A549")
    page.tab.select_option("#by", "ln_ic50")
    page.tab.wait_for_function("location.hash.includes('by=ln_ic50')")
    page.settled()
    page.tab.select_option("#pathway", "EGFR signaling")
    page.tab.wait_for_function("location.hash.includes('pathway=')")
    page.settled()
    shown, address = page.texts("tbody th a"), page.tab.evaluate("location.hash")
    assert "Erlotinib" in shown
    assert "Trametinib" not in shown
    assert page.tab.locator("figure .bar").count() == len(shown)  # intervals are drawn
    other = page_with().open(address)
    assert other.texts("tbody th a") == shown


def test_a_drug_opens_why(page):
    page.open("#/line/A549?k=10")
    page.tab.locator("tbody tr", has_text="Trametinib").get_by_role("button", name="Why Trametinib").click()
    page.tab.wait_for_selector(".why h2")
    words = page.texts(".why")[0]
    assert "Nearest lines" in words
    assert "Nearest drugs" in words
    assert "What lines are compared by" in words


def test_a_drug_shows_structure_targets_tissues_and_both_ends(page, service):
    page.open("#/drug/Trametinib")
    assert page.tab.locator(".structure img").evaluate("image => image.naturalWidth") > 0
    assert "MEK1, MEK2" in page.texts("dl")[0]
    captions = page.texts("caption")
    assert captions == ["The 10 most sensitive lines", "The 10 least sensitive lines, the least last"]
    first = asked(service, "drugs/Trametinib/cell-lines?k=1")["cell_lines"][0]["cell_line"]["name"]
    assert page.texts("tbody th a")[0] == first
    assert page.tab.locator("figure").count() == 3  # tissues, lines, waterfall
    page.tab.select_option("#tissue", "skin")
    page.tab.wait_for_function("location.hash.includes('tissue=skin')")
    page.settled()
    assert {row.split("\t")[1] for row in page.texts("tbody tr")} == {"skin"}


def test_what_this_bundle_does_not_have_is_shown_as_chosen(page):
    page.open("#/line/A549?target=NOPE")
    assert "No drug has this pathway and this target" in page.texts(".empty")[0]
    assert page.tab.locator("#target option:checked").inner_text() == "NOPE (not here)"


def test_a_search_that_fails_says_why(page_with):
    page = page_with(refusals=True).open("#/line/")
    page.tab.route("**/cell-lines**", lambda route: route.fulfill(status=502, body="Bad gateway"))
    page.tab.fill("main input", "HeL")
    page.tab.wait_for_selector("[role=listbox] li.hint")
    assert page.texts("[role=listbox] li") == ["status 502"]


def test_a_known_drug_as_smiles_is_recognised(page, service):
    smiles = asked(service, "drugs/Dabrafenib")["smiles"]
    page.open(f"#/compound?smiles={quote(smiles, safe='')}")
    assert "This is Dabrafenib" in page.texts("main")[0]
    assert page.texts(".doubtful") == []  # the warning says no more than this


def test_a_new_compound_says_how_alike_and_how_sure(page):
    page.open("#/compound")
    page.tab.fill("#smiles", ASPIRIN)
    page.tab.press("#smiles", "Enter")
    page.follow("#/compound?smiles=")
    words = page.texts("main")[0]
    assert "Not a drug of the training data" in words
    assert "Nearest drug" in words
    assert "potency is hardly known" in words
    assert page.tab.locator(".structure img").count() == 1
    page.tab.locator("figure .mark").first.click()
    page.tab.wait_for_selector(".why h2")
    assert page.texts(".why h2")[0].startswith("Why this compound for ")
    assert "Nearest drugs" in page.texts(".why")[0]


def test_a_compound_like_a_drug_is_offered_the_targets_of_that_drug(page):
    vemurafenib = "CCCS(=O)(=O)NC1=C(C(=C(C=C1)F)C(=O)C2=CNC3=C2C=C(C=N3)C4=CC=C(C=C4)Cl)F"
    page.open(f"#/compound?smiles={quote(vemurafenib, safe='')}")
    assert "targets of PLX-4720" in page.texts("main")[0]
    page.tab.click("text=answer with BRAF")
    page.tab.wait_for_function("location.hash.includes('targets=BRAF')")
    page.settled()
    assert page.texts("tbody th a")[0] == "A375"
    assert "targets of PLX-4720" not in page.texts("main")[0]


def test_the_other_enantiomer_of_a_drug_is_said_to_be_another_compound(page, service):
    other = asked(service, "drugs/Afatinib")["smiles"].translate(str.maketrans({"@": "@@"})).replace("@@@@", "@")
    page.open(f"#/compound?smiles={quote(other, safe='')}")
    assert "targets of Afatinib" in page.texts("main")[0]
    (said,) = [text for text in page.texts(".doubtful") if "Afatinib" in text]
    assert "it differs from Afatinib" in said
    assert "its structure is like that of" not in said


def test_the_map_shows_lines_drugs_and_predictions(page):
    page.open("#/map")
    assert page.tab.locator("figure circle").count() == 962
    page.tab.select_option("#drug", "Trametinib")
    page.tab.wait_for_function("location.hash.includes('drug=Trametinib')")
    page.settled()
    assert "Cell lines by their response to Trametinib" in page.texts("figcaption")[0]
    page.tab.select_option("#of", "drugs")
    page.tab.wait_for_function("location.hash.includes('of=drugs')")
    page.settled()
    assert page.tab.locator("figure circle").count() == 422
    page.tab.select_option("#by", "target")
    page.tab.wait_for_function("location.hash.includes('by=target')")
    assert any("TOP1" in text or "EGFR" in text for text in page.settled().texts(".legend li"))
    with page.tab.expect_download() as saved:
        page.tab.click("text=CSV of this map")
    head, *rows = Path(saved.value.path()).read_text().splitlines()
    assert (head, len(rows)) == ("id,name,x,y,target,probability", 422)
    assert page.tab.locator(".curl pre").text_content() == f"curl {page.service}/map"


def test_the_card_shows_the_manifests_figures_beside_the_baselines(page, service):
    page.open("#/model/hgacl")
    words = page.texts("main")[0]
    (model,) = [one for one in asked(service, "models")["models"] if one["name"] == "hgacl"]
    assert f"{model['metrics']['LCO']['auroc']['mean']:.3g}" in words
    assert "must not guide the treatment of a patient" in words
    assert "commercial use needs a licence" in words
    assert {"Use", "Limits", "Evaluation", "Bias", "Environmental cost"} <= set(page.texts("h2"))
    assert any("neuroblastoma 29" in text for text in page.texts("main p"))
    assert "stands for this model" not in words
    with page.tab.expect_download() as saved:
        page.tab.click("text=CSV of these figures")
    rows = [row.split(",") for row in Path(saved.value.path()).read_text().splitlines()]
    assert rows[0] == ["split", "measure", "mean", "sd", "best_baseline", "method"]
    (shown,) = [float(row[2]) for row in rows if row[:2] == ["LCO", "auroc"]]
    assert shown == pytest.approx(model["metrics"]["LCO"]["auroc"]["mean"], rel=1e-5)


def test_the_nearest_lines_of_a_prediction_are_marked_on_the_map(page):
    page.open("#/compound?smiles=CC(%3DO)Oc1ccccc1C(%3DO)O")
    page.tab.locator("figure .mark").first.click()
    page.tab.click("text=Show the nearest lines on the map")
    page.follow("#/map?near=")
    named = page.tab.evaluate("decodeURIComponent(location.hash).split('near=')[1].split(',').length")
    assert page.tab.locator("figure circle[r='8']").count() == named > 1


def test_no_form_of_a_model_is_called_its_baseline(page):
    page.open("#/model")
    named = {row.split("\t")[-1] for row in page.texts("tbody tr") if row.startswith(("AUROC\t", "RMSE of ln IC50\t"))}
    assert any("kernel ridge" in one for one in named)
    assert not [one for one in named if one.startswith("kernel stack")]


def test_the_card_says_whose_figures_stand_for_a_model(page):
    words = page.open("#/model/dim2").texts("main")[0]
    assert "The figures are those of dim2 offset, which stands for this model" in words


@pytest.mark.parametrize("curves", [{}, {"LCO": [{"predicted": p, "observed": p, "pairs": 9} for p in (0.1, 0.5)]}])
def test_the_card_draws_a_calibration_curve_or_says_that_there_is_none(page, curves):
    def answer(route):
        models = route.fetch().json()
        route.fulfill(json={**models, "models": [{**one, "reliability": curves} for one in models["models"]]})

    page.tab.route("**/models", answer)
    page.open("#/model/hgacl")
    assert page.tab.locator("figure .curve circle").count() == 2 * len(curves)
    assert ("This bundle holds no calibration curve" in page.texts("main")[0]) == (not curves)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("#/line/NOBODY", "no cell line of the bundle answers to this name"),
        ("#/drug/Tramtinib", "Trametinib"),
        ("#/compound?smiles=C1CC", "compound"),
        ("#/nowhere", "Which drugs will this cancer cell line"),
        ("#/constructor", "Which drugs will this cancer cell line"),
        ("#/line/%E0%A4%A", "no cell line of the bundle answers to this name"),
        ("#/model/other", "This bundle has no model of this name; it has kernel_stack, hgacl, dim2."),
    ],
)
def test_refusals_are_shown_in_the_services_own_words(page_with, address, words):
    assert words in page_with(refusals=True).open(address).texts("main")[0]


def test_a_service_that_is_gone_is_said_to_be_gone(page_with):
    page = page_with(refusals=True).open("#/")
    page.tab.route("**/rank/**", lambda route: route.abort())
    page.open("#/line/A549")
    assert "The service does not answer" in page.texts(".fault")[0]


def test_downloads_hold_what_is_seen(page, tmp_path):
    page.open("#/line/A549?k=10")
    for button, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG"), ("CSV of this table", b"cell_line,drug")):
        with page.tab.expect_download() as download:
            page.tab.get_by_role("button", name=button, exact=True).click()
        content = Path(download.value.path()).read_bytes()
        assert content.startswith(start)
        if button == "CSV of this table":
            assert content.count(b"\r\n") == 11
    page.tab.click("text=The same from the command line")
    assert page.texts(".curl pre")[0].endswith("/rank/A549?k=10'")


def test_a_first_visit_is_light(page):
    sizes = []
    page.tab.on("response", lambda response: sizes.append(len(response.body())))
    page.open("")
    assert sum(sizes) < 150_000

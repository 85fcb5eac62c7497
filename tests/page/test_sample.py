"""The view of a person's own samples in a real browser."""


def test_the_example_sample_is_read_and_ranked(page):
    page.open("#/sample?example=1")
    assert "3 samples of the example (made up)" in page.texts("h2")
    assert "of the 60 genes that the model reads" in page.texts(".read")[0]
    assert "new sample" in page.texts("tbody")[0]
    top = page.texts("tbody th")
    page.tab.select_option("#which", "example lung cancer")
    page.tab.wait_for_function("location.hash.includes('sample=')")
    page.settled()
    assert page.texts("tbody th") != top
    assert page.tab.locator("figure", has_text="Samples and drugs").count() == 1


def test_a_drug_of_a_sample_says_why_with_its_genes_and_asks_for_that_sample_alone(page):
    page.open("#/sample?example=1")
    with page.tab.expect_request("**/predict/table") as asked:
        page.tab.locator("figure .mark").first.click()
    page.tab.wait_for_selector(".why h2")
    assert page.texts(".why h2")[0] == "Why PLX-4720 for example melanoma"
    assert "Genes of the sample that move it most" in page.texts(".why")[0]
    assert any(text.startswith("BRAF") for text in page.texts(".why li"))
    assert list(asked.value.response().json()["samples"]) == ["example melanoma"]


def test_a_chart_shows_what_it_is_ordered_by_unless_asked(page):
    page.open("#/sample?example=1")
    assert page.tab.input_value("#by") == "percentile"
    page.tab.select_option("#by", "probability")
    page.tab.wait_for_function("location.hash.includes('by=probability')")
    page.settled()
    assert page.tab.input_value("#by") == "probability"


def test_a_pasted_list_of_mutations_is_ranked_and_leaves_the_address_of_the_example(page):
    page.open("#/sample?example=1")
    page.tab.select_option("#kind", "mutation")
    page.tab.fill("#pasted", page.tab.get_attribute("#pasted", "placeholder"))
    page.tab.click("text=Rank drugs for the pasted table")
    page.tab.wait_for_selector("h2:has-text('1 sample of pasted.csv')")
    assert "Why" not in page.texts("main")[0]
    assert page.tab.evaluate("location.hash") == "#/sample"
    assert "-F mutation='@pasted.csv'" in page.tab.locator(".curl pre").text_content()


def test_tissues_of_the_samples_go_along(page, tmp_path):
    about = tmp_path / "about.csv"
    about.write_text("name,tissue\nmine,skin\n")
    page.open("#/sample")
    page.tab.select_option("#kind", "mutation")
    page.tab.set_input_files("#about", about)
    page.tab.fill("#pasted", "Tumor_Sample_Barcode,Hugo_Symbol\nmine,BRAF")
    page.tab.click("text=Rank drugs for the pasted table")
    page.tab.wait_for_selector("h2:has-text('1 sample of pasted.csv')")
    assert page.texts("tbody th a")[0] == "PLX-4720"
    assert "known by mutation and tissue" in page.texts(".trust")[0]
    assert "72 times in 100" in page.texts(".trust")[0]
    assert "-F samples='@about.csv'" in page.tab.locator(".curl pre").text_content()


def test_a_table_of_two_hundred_samples_is_ranked_and_drawn(page):
    rows = [f"s{i},{gene}" for i in range(200) for gene in (("BRAF", "PTEN") if i % 2 else ("KRAS", "STK11"))]
    page.open("#/sample")
    page.tab.select_option("#kind", "mutation")
    page.tab.fill("#pasted", "\n".join(["Tumor_Sample_Barcode,Hugo_Symbol", *rows]))
    page.tab.click("text=Rank drugs for the pasted table")
    page.tab.wait_for_selector("h2:has-text('200 samples of pasted.csv')", timeout=120_000)
    assert page.tab.locator("figure", has_text="Samples and drugs").locator("g[role=img]").count() == 200


def test_a_table_that_cannot_be_read_says_why(page_with):
    page = page_with(refusals=True).open("#/sample")
    page.tab.fill("#pasted", "not a table")
    page.tab.click("text=Rank drugs for the pasted table")
    page.tab.wait_for_selector(".fault")
    assert "The table was not read" in page.texts(".fault")[0]


def test_a_sample_that_cannot_be_read_is_named_beside_the_others(page):
    genes = page.tab.request.get(f"{page.service}/genes?table=copy_number").json()["genes"]
    rows = [f"{one['symbol']},{2 + (i % 9 == 0)},0" for i, one in enumerate(genes)]
    page.open("#/sample")
    page.tab.select_option("#kind", "copy_number")
    page.tab.select_option("#unit", "absolute")
    page.tab.fill("#pasted", "\n".join(["gene,<b>good</b>,lost", *rows]))
    page.tab.click("text=Rank drugs for the pasted table")
    page.tab.wait_for_selector("h2:has-text('1 sample of pasted.csv')")
    assert any("lost was not read: the median is" in text for text in page.texts(".doubtful li"))
    assert "-F copy_number_unit='absolute'" in page.tab.locator(".curl pre").text_content()
    assert page.texts("main")[0].count("<b>good</b>") >= 1

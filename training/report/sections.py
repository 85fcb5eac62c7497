"""The order of the page: each section asks its tables and figures of every dataset, or says what would add them."""

from collections.abc import Callable, Sequence

from training.page.parts import Drawing, Section, TableView
from training.report.figures import attention, checks, comparisons, curves, drugs, tables, variants
from training.report.figures import embeddings as stages
from training.report.study import Study

Parts = Sequence[Drawing | TableView]

LEAK = (
    "This protocol reproduces how the published headline figures came about; it says nothing about quality. The folds "
    "were cut over the number of cell lines but applied to the list of sensitive pairs, so that only the first few "
    "percent of the sensitive pairs, of a few dozen cell lines, are ever tested, while resistant pairs come from "
    "everywhere; then the epoch with the best test AUC is kept and the F1 threshold set on the test scores. Whether a "
    "pair is a tested sensitive one can be told from its line and drug alone: counting the sensitive training pairs "
    "of each line and each drug, without any feature, reaches an AUC of about .98 on GDSC and .92 on CCLE. The split "
    "that DiM2-DRP calls 'both' is a random split of pairs: honest in itself, but nothing in it is unseen."
)


def sections(studies: Sequence[Study]) -> list[Section]:
    """All sections in reading order, the ones without data last in their place with empty parts."""
    evaluate = "drp evaluate DATASET RESULTS"
    return [
        _section(
            studies,
            "results",
            "Results",
            _by_split(tables.split_tables),
            "Every method saw the same training pairs of the same folds, and chose epoch, settings and threshold on a "
            "validation part inside them. Pooled figures mix drugs and so mostly measure drug means; the per-drug "
            "column asks what a user asks: which of these lines responds to this drug?",
            f"{evaluate}",
        ),
        _section(
            studies,
            "paired",
            "Is the difference real?",
            _by_split(comparisons.critical_difference, comparisons.over_drugs_table, comparisons.over_folds_table),
            "Methods are compared on the same drugs and the same folds. Folds share training pairs, so a plain test "
            "over folds would claim too much.",
            f"{evaluate} --models baselines,hgacl",
        ),
        _section(studies, "curves", "ROC and precision–recall curves", _by_split(curves.roc_pr), "", evaluate),
        _section(studies, "calibration", "Calibration", curves.reliability, "", evaluate),
        _section(
            studies,
            "drugs",
            "Drug by drug",
            _by_split(drugs.drug_distributions, drugs.against_the_rival),
            "",
            evaluate,
        ),
        _section(
            studies,
            "most_sensitive",
            "Drugs with most predicted-sensitive lines",
            drugs.most_sensitive,
            "",
            f"{evaluate} --models hgacl --splits LPO",
        ),
        _section(
            studies,
            "ablation",
            "What the network's parts are worth",
            _by_split(variants.ablations),
            "",
            f"{evaluate} --models ablations",
        ),
        _section(
            studies,
            "perturbation",
            "Sensitivity to the perturbations",
            variants.perturbations,
            "",
            f"{evaluate} --models hgacl,sensitivity",
        ),
        _section(
            studies,
            "stages",
            "Cell lines in three stages",
            stages.tsne_stages,
            "",
            f"{evaluate} --models hgacl",
        ),
        _section(
            studies,
            "attention",
            "What the attention looks at",
            _by_split(attention.token_weights),
            "Where a token carries one number, as in dim2_paper, pathways have tokens of their own; where it carries "
            "sixty, a token is a whole part of the code.",
            f"{evaluate} --models dim2_alone",
        ),
        _section(
            studies,
            "shuffled",
            "Shuffled features",
            checks.shuffled,
            "A model that does not lose by shuffled features is not using them.",
            f"{evaluate} --models hgacl --shuffles none,lines,drugs",
        ),
        _section(
            studies,
            "seeds",
            "Seeds",
            checks.seeds,
            "",
            f"{evaluate} --models hgacl --seeds 0,1,2",
        ),
        _section(
            studies,
            "transfer",
            "Transfer to another study",
            tables.transfer,
            "",
            f"{evaluate} --transfer OTHER_DATASET",
        ),
        _section(
            studies,
            "stated",
            "The parts that the data were published with",
            tables.stated,
            "",
            f"{evaluate} --protocol stated",
        ),
        _section(
            studies,
            "published",
            "The published protocol",
            tables.published,
            LEAK,
            f"{evaluate} --models counting,hgacl --protocol published",
        ),
    ]


def _section(
    studies: Sequence[Study], anchor: str, title: str, ask: Callable[[Study], Parts], explanation: str, missing: str
) -> Section:
    parts = [part for study in studies for part in ask(study)]
    return Section(anchor, title, explanation, missing, parts)


def _by_split(*drawings: Callable[[Study, str], Parts]) -> Callable[[Study], Parts]:
    """Ask one split after the other."""

    def ask(study: Study) -> Parts:
        return [part for split in study.splits for draw in drawings for part in draw(study, split)]

    return ask

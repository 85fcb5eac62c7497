"""Media types of answers, and the choice among them by the Accept header."""

from functools import lru_cache

JSON, CSV, PARQUET = "application/json", "text/csv", "application/vnd.apache.parquet"
MARKDOWN = "text/markdown"


@lru_cache(maxsize=64)
def negotiate(accept: str, offered: tuple[str, ...] = (JSON, CSV, PARQUET)) -> str | None:
    """Media type that an Accept header prefers; the first offered without a preference, None where it accepts none."""
    ranked = []
    for place, item in enumerate((accept or "*/*").split(",")):
        media, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = next((_quality(text[2:]) for text in parameters if text.startswith("q=")), 1.0)
        ranked.append((-quality, place, media))
    for quality, _, media in sorted(ranked):
        for form in offered:
            if quality and media in {form, "*/*", f"{form.partition('/')[0]}/*"}:
                return form
    return None


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0

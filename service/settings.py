"""Every setting of the service: a name with its unit, a default, one sentence. Read from DRP_* variables."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Device = Literal["cpu", "cuda", "auto"]


PREFIX = "DRP_"
BUNDLED = Path(__file__).resolve().parents[1] / "bundles" / "gdsc"  # of the checkout, or of the installed package
# Variables of this prefix that the client, the compose file and the tests read.
OTHERS = {"DRP_URL", "DRP_API_KEY", "DRP_PUBLISH", "DRP_DATA", "DRP_REQUIRE_DATA"}


class Settings(BaseSettings):
    """The service's settings; `DRP_PORT=9000 python -m service` sets `port`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    bundle: Path = Field(default=BUNDLED, description="Folder of the bundle to serve; else the one that comes along.")
    further_bundle: Path | None = Field(
        default=None,
        description="Folder of a second bundle of the same lines and drugs, whose models are served too.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 opens it to the network.")
    port: int = Field(default=8000, ge=0, le=65535, description="TCP port to listen on; 0 takes any free one.")
    workers: int = Field(
        default=1,
        ge=1,
        description="Processes that listen on the port; limits, keys' allowances and metrics are each one's. One that "
        "is replaced may reset a connection that it has just accepted.",
    )
    device: Device = Field(default="cpu", description="Where models run: cpu, cuda, or auto for CUDA where there is.")
    allow_cpu_fallback: bool = Field(default=False, description="Whether device cuda may start on the CPU instead.")
    intra_op_threads: int = Field(default=1, ge=1, description="Threads of one ONNX Runtime call; 1 suits one core.")
    max_body_bytes: int = Field(default=8 * 2**20, ge=1, description="Largest request body; a larger one gets 413.")
    max_table_bytes: int = Field(default=128 * 2**20, ge=1, description="Largest body of /predict/table.")
    max_bytes_in_flight: int = Field(
        default=256 * 2**20,
        ge=1,
        description="Most bytes that the bodies of all requests take; more get 429.",
    )
    body_timeout_s: float = Field(
        default=60,
        gt=0,
        description="Seconds that the body of a request may take from its first part on; a slower one gets 408.",
    )
    max_pairs_per_request: int = Field(default=100_000, ge=1, description="Most pairs of one request; more get 413.")
    max_samples_per_request: int = Field(default=200, ge=1, description="Most new samples of one request.")
    max_compounds_per_request: int = Field(default=100, ge=1, description="Most new compounds of one request.")
    max_explained_pairs: int = Field(
        default=20, ge=1, description="Most pairs of one request that asks for explanations."
    )
    preload_chemistry: bool = Field(
        default=True, description="Whether workers import rdkit as they start, and not at their first compound."
    )
    max_pairs_in_flight: int = Field(
        default=200_000, ge=1, description="Most pairs that small requests hold at a time; one beyond them gets 429."
    )
    max_requests_in_flight: int = Field(
        default=128,
        ge=1,
        description="Most requests of workers at a time, waiting ones included; more get 429.",
    )
    max_wait_s: float = Field(
        default=30, ge=0, description="Seconds that a request waits for a worker before it gets 429."
    )
    batch_workers: int = Field(
        default=1,
        ge=1,
        description="Processes that answer tables, samples, compounds and bodies over 32 KiB.",
    )
    request_timeout_s: float = Field(
        default=30, gt=0, description="Seconds in which a worker must answer; one that does not is replaced."
    )
    retry_after_s: int = Field(default=1, ge=1, description="Seconds that a 429 or 503 asks the caller to wait.")
    keys_file: Path | None = Field(
        default=None, description="File of API keys; with one, every route but health and the docs asks for a key."
    )
    key_pairs_per_minute: int | None = Field(
        default=None, ge=1, description="Pairs a minute that a key without a limit of its own may ask for; else any."
    )
    metrics: Literal["key", "open", "closed"] = Field(
        default="key", description="Who may read /metrics: key like other routes, open without a key, closed nobody."
    )
    docs: bool = Field(default=True, description="Whether /docs and /openapi.json are served; they need no key.")
    page: bool = Field(default=True, description="Whether the explorer is served at /; its files need no key.")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins, comma-separated, whose pages may ask from a browser; none closes CORS."
    )
    drain_s: float = Field(
        default=1,
        ge=0,
        description="Seconds in which a stopping service answers 503 before it closes the port.",
    )
    shutdown_timeout_s: int = Field(
        default=20, ge=1, description="Seconds that requests in flight then have to finish."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least level to log; the access log is INFO."
    )

    @field_validator("bundle", "keys_file", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        """An empty text would be the present folder; of keys it must not mean that none is asked for."""
        if value == "":
            raise ValueError("is empty: give a path, or leave the variable out")
        return value

    @field_validator("further_bundle", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        """An empty text, as a file of variables has it, is no folder."""
        return None if value == "" else value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        """Read a list from one variable."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def origins_alone(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what a browser never sends as Origin: it would silently match nothing, and * would match all."""
        for origin in value:
            if not re.fullmatch(r"https?://[a-z0-9.\-\[\]:]+", origin):
                raise ValueError(
                    f"{origin!r} is no origin; write scheme://host[:port] in small letters, as https://a.org"
                )
        return value

    @model_validator(mode="after")
    def one_body_fits_in_memory(self) -> Self:
        """Make sure that the largest allowed body is admissible when there is no other."""
        if self.max_body_bytes > self.max_bytes_in_flight:
            raise ValueError("max_body_bytes must not exceed max_bytes_in_flight")
        return self

    @model_validator(mode="after")
    def one_request_fits_the_budget(self) -> Self:
        """Make sure that a request of the largest allowed size is admissible when nothing else runs."""
        if self.max_pairs_per_request > self.max_pairs_in_flight:
            raise ValueError("max_pairs_per_request must not exceed max_pairs_in_flight")
        return self


def unknown_variables(names: Iterable[str]) -> list[str]:
    """Faults of environment variables that look like settings and are none, each with the nearest setting."""
    known = [f"{PREFIX}{field}".upper() for field in Settings.model_fields]
    faults = []
    for name in sorted(name for name in names if name.upper().startswith(PREFIX)):
        if name.upper() not in {*known, *OTHERS}:
            (nearest,) = get_close_matches(name.upper(), known, n=1, cutoff=0)
            faults.append(f"{name}: there is no such setting; the nearest is {nearest}")
    return faults


def settings_help() -> str:
    """Every setting with its default and its sentence."""
    fields = Settings.model_fields.items()
    return "\n".join(
        f"  {PREFIX}{name.upper()} [{field.default}]\n      {field.description}" for name, field in fields
    )

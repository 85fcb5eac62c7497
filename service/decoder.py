"""One model's decoder in ONNX Runtime: code rows in, scores and probabilities out, the same in every company."""

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from model.bundle import SELF_TEST_TOLERANCE, BundleError, ModelPart
from model.scoring import calibrated, pair_scores
from service.settings import Settings

Float = NDArray[np.float32]
Index = NDArray[np.intp]

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
INPUTS, OUTPUTS = {"cell", "drug"}, ["score", "probability"]
BLOCK_ROWS = 64


class DeviceError(Exception):
    """The device of the settings is not there, and they allow no other."""


class Decoder:
    """Scores pairs of code rows.

    The kernels of ONNX Runtime sum a row in an order that depends on how the row lies in memory, and treat the
    tail of an array apart, so the last bit of a score could depend on its neighbours. Hence every call has
    BLOCK_ROWS rows, and the bundle pads every row to a vector boundary. Then /predict and /rank agree to the last
    bit.
    """

    def __init__(self, part: ModelPart, settings: Settings) -> None:
        self._part = part
        self._session = _open(part, settings)

    @property
    def provider(self) -> str:
        """Execution provider that the session really has."""
        return str(self._session.get_providers()[0])

    def score(self, cells: Index, drugs: Index) -> tuple[Float, Float]:
        """Score and probability of aligned rows.

        Shapes: cells (n,), drugs (n,) -> (n,), (n,).
        """
        answers = np.empty((2, len(cells)), np.float32)
        for start in range(0, len(cells), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            answers[:, block] = self._block(cells[block], drugs[block])
        return answers[0], answers[1]

    def _block(self, cells: Index, drugs: Index) -> Float:
        # Rows that are not used repeat the first: they are finite and cost nothing to think about.
        rows = np.zeros((2, BLOCK_ROWS), np.intp)
        rows[0, : len(cells)], rows[1, : len(cells)] = cells, drugs
        feeds = {"cell": self._part.cell[rows[0]], "drug": self._part.drug[rows[1]]}
        answers: Float = np.stack(self._session.run(OUTPUTS, feeds))[:, : len(cells)]  # (2, n)
        return answers

    def self_test(self, cells: Index, drugs: Index) -> None:
        """Compare with the manifest's answers and with numpy; raises BundleError where they differ."""
        got = dict(zip(OUTPUTS, self.score(cells, drugs), strict=True))
        numpy_score = pair_scores(self._part.cell[cells], self._part.drug[drugs])
        expected = {"score": numpy_score, "probability": calibrated(numpy_score, *self._part.calibration)}
        for key in OUTPUTS:
            told = np.array([test[key] for test in self._part.card["self_test"]])
            gap = max(float(np.abs(got[key] - want).max()) for want in (told, expected[key]))
            if not gap <= SELF_TEST_TOLERANCE:
                raise BundleError(f"{self._part.name}/decoder.onnx: self-test fails, {key} is off by {gap:.2g}")


def _open(part: ModelPart, settings: Settings) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = settings.intra_op_threads
    options.inter_op_num_threads = 1
    # A spinning thread pool takes the core from the event loop between two calls.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    providers = _providers(settings)
    try:
        session = ort.InferenceSession(part.decoder, options, providers=providers)
    except Exception as fault:  # noqa: BLE001 -- the runtime raises a dozen types of its own, all mean "not this file"
        reason = str(fault).strip().partition("\n")[0]
        raise BundleError(f"{part.name}/decoder.onnx: ONNX Runtime refuses it ({reason})") from None
    if CUDA in providers and session.get_providers()[0] != CUDA:
        _refuse_cpu(settings)
    names = {value.name for value in session.get_inputs()}, {value.name for value in session.get_outputs()}
    if names != (INPUTS, set(OUTPUTS)):
        raise BundleError(f"{part.name}/decoder.onnx: must map {sorted(INPUTS)} to {OUTPUTS}")
    return session


def _providers(settings: Settings) -> list[str]:
    """Choose the providers to ask for. Asking for one that the build does not have would only draw a warning."""
    if settings.device == "cpu":
        return [CPU]
    if CUDA not in ort.get_available_providers():
        _refuse_cpu(settings)
        return [CPU]
    if hasattr(ort, "preload_dlls"):
        ort.preload_dlls()  # CUDA and cuDNN from their wheels, which are on no library path
    return [CUDA, CPU]


def _refuse_cpu(settings: Settings) -> None:
    if settings.device == "cuda" and not settings.allow_cpu_fallback:
        raise DeviceError(
            "DRP_DEVICE=cuda, but ONNX Runtime has only the CPU here: install onnxruntime-gpu and the NVIDIA driver, "
            "or set DRP_ALLOW_CPU_FALLBACK=true to start on the CPU"
        )

"""One graph of a bundle in ONNX Runtime, on the device of the settings, or the reason why not."""

import onnxruntime as ort

from model.bundle.manifest import BundleError
from service.settings import Settings

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"


class DeviceError(Exception):
    """The device of the settings is not there, and they allow no other."""


def open_session(
    path: str, graph: bytes, inputs: set[str], outputs: set[str], settings: Settings
) -> ort.InferenceSession:
    """Open the graph that the bundle has at `path`; it must have these inputs and outputs.

    Raises BundleError naming the path, or DeviceError.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = settings.intra_op_threads
    options.inter_op_num_threads = 1
    # A spinning thread pool takes the core from the event loop between two calls.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    providers = _providers(settings)
    try:
        session = ort.InferenceSession(graph, options, providers=providers)
    except Exception as fault:  # noqa: BLE001 -- the runtime raises a dozen types of its own, all mean "not this file"
        reason = str(fault).strip().partition("\n")[0]
        raise BundleError(f"{path}: ONNX Runtime refuses it ({reason})") from None
    if CUDA in providers and session.get_providers()[0] != CUDA:
        _refuse_cpu(settings)
    names = {value.name for value in session.get_inputs()}, {value.name for value in session.get_outputs()}
    if names != (inputs, outputs):
        raise BundleError(f"{path}: must map {sorted(inputs)} to {sorted(outputs)}")
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

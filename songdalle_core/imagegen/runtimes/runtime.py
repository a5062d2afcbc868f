"""What runs the engine: PyTorch on any device, OpenVINO on a CPU, or the project's own kernel there.

A runtime compiles a module for inputs of fixed shapes into a `Program`, and makes a `Stepper` of a step. A
program is bound to input tensors once; every call then reads what they hold and returns output tensors that
the next call overwrites.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
from torch import Tensor, nn

from songdalle_core.imagegen.model.rqvae import RQVAE
from songdalle_core.imagegen.runtimes.native.decoder import KernelDecoder
from songdalle_core.imagegen.runtimes.native.library import KernelUnavailable, library
from songdalle_core.imagegen.runtimes.native.rows import KernelStepper
from songdalle_core.imagegen.runtimes.picture_decoders import (
    CompiledDecoder,
    PictureDecoder,
    PixelDecoder,
)
from songdalle_core.imagegen.runtimes.programs import Bound, Program
from songdalle_core.imagegen.runtimes.rows import CompiledStepper, StepInputs, Stepper
from songdalle_core.imagegen.runtimes.stepping import SpatialStep

RuntimeName = Literal["auto", "torch", "openvino", "native"]

logger = logging.getLogger(__name__)


class Runtime(Protocol):
    """Compiles modules for a device."""

    @property
    def device(self) -> torch.device:
        """Where inputs and outputs live."""
        ...

    def compile(self, module: nn.Module, inputs: Sequence[Tensor]) -> Program:
        """`module` for inputs of these shapes and types."""
        ...

    def stepper(self, step: SpatialStep, no_text: Tensor, ranks: Iterable[int]) -> Stepper:
        """`step` made ready to run.

        Args:
            step: the module, on this device.
            no_text: token ids (P,) of no text, for a guided model's other branch.
            ranks: numbers of logits that are put in order (`sampling.sample`), the vocabulary's among them.
        """
        ...

    def decoder(self, rqvae: RQVAE, width: int) -> PictureDecoder:
        """Makes pictures of up to `width` code maps; `rqvae` is in evaluation mode, on this device."""
        ...


def _compiled_stepper(
    runtime: Runtime, step: SpatialStep, no_text: Tensor, ranks: Iterable[int]
) -> Stepper:
    inputs = [*StepInputs.idle(step), *step.empty_cache()]
    programs = {few: runtime.compile(step.ranked(few), inputs) for few in sorted(set(ranks))}
    return CompiledStepper(step, programs, no_text)


def _compiled_decoder(runtime: Runtime, rqvae: RQVAE, width: int) -> PictureDecoder:
    shape = rqvae.config.code_shape
    codes = torch.zeros((width, *shape), dtype=torch.int64, device=runtime.device)
    inputs = codes, torch.ones((width, *shape[:2]), device=runtime.device)
    return CompiledDecoder(inputs, runtime.compile(PixelDecoder(rqvae), inputs))


@dataclass(frozen=True)
class TorchRuntime:
    """PyTorch as it is; on CUDA a call may be recorded once and replayed.

    Attributes:
        name: the device's name, where the modules are.
        cuda_graphs: replay a CUDA graph, which saves the launch of every kernel.
    """

    name: str = "cpu"
    cuda_graphs: bool = False

    @property
    def device(self) -> torch.device:
        """See `Runtime`."""
        return torch.device(self.name)

    def compile(self, module: nn.Module, inputs: Sequence[Tensor]) -> Program:
        """See `Runtime`."""
        return _TorchProgram(module, self.cuda_graphs and self.device.type == "cuda")

    def stepper(self, step: SpatialStep, no_text: Tensor, ranks: Iterable[int]) -> Stepper:
        """See `Runtime`."""
        return _compiled_stepper(self, step, no_text, ranks)

    def decoder(self, rqvae: RQVAE, width: int) -> PictureDecoder:
        """See `Runtime`."""
        return _compiled_decoder(self, rqvae, width)


@dataclass(frozen=True)
class _TorchProgram:
    module: nn.Module
    graphed: bool

    def bind(self, inputs: Sequence[Tensor]) -> Bound:
        bound = tuple(inputs)
        if self.graphed:
            return _recorded(self.module, bound)

        def call() -> Sequence[Tensor]:
            with torch.inference_mode():
                return _as_tuple(self.module(*bound))

        return call


def _recorded(module: nn.Module, inputs: tuple[Tensor, ...]) -> Bound:
    """A CUDA graph of the module on these inputs. Not run by this project's tests: they have no GPU."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.inference_mode(), torch.cuda.stream(side):
        for _ in range(3):  # lazy initialisation must not be recorded
            module(*inputs)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.inference_mode(), torch.cuda.graph(graph):
        outputs = _as_tuple(module(*inputs))

    def replay() -> Sequence[Tensor]:
        graph.replay()
        return outputs

    return replay


class OpenVINORuntime:
    """OpenVINO's CPU plug-in: two to three times PyTorch's speed at a dozen rows of a small model.

    Args:
        threads: CPU threads of a call.
        precision: "f32", or "bf16" where the CPU multiplies it.
    """

    device = torch.device("cpu")

    def __init__(self, threads: int, precision: str = "f32") -> None:
        import openvino

        self._openvino = openvino
        self._core = openvino.Core()
        self._config = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False,  # replicas share the cores
        }

    def compile(self, module: nn.Module, inputs: Sequence[Tensor]) -> Program:
        """See `Runtime`."""
        # not openvino.convert_model, which reports its use to the vendor
        from openvino.frontend import FrontEndManager
        from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer's remarks on shapes, which are fixed here
            frontend = FrontEndManager().load_by_framework("pytorch")
            traced = TorchScriptPythonDecoder(module.eval(), example_input=tuple(inputs))
            model = frontend.convert(frontend.load(traced))
        model.reshape({index: list(tensor.shape) for index, tensor in enumerate(inputs)})
        return _OpenVINOProgram(self._core.compile_model(model, "CPU", self._config))

    def stepper(self, step: SpatialStep, no_text: Tensor, ranks: Iterable[int]) -> Stepper:
        """See `Runtime`."""
        return _compiled_stepper(self, step, no_text, ranks)

    def decoder(self, rqvae: RQVAE, width: int) -> PictureDecoder:
        """See `Runtime`."""
        return _compiled_decoder(self, rqvae, width)


class _OpenVINOProgram:
    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def bind(self, inputs: Sequence[Tensor]) -> Bound:
        import openvino

        request = self._compiled.create_infer_request()
        arrays = [tensor.numpy() for tensor in inputs]
        outputs = []
        for index, array in enumerate(arrays):
            request.set_input_tensor(index, openvino.Tensor(array, shared_memory=True))
        for index, port in enumerate(self._compiled.outputs):
            output = openvino.Tensor(port.element_type, port.shape).data.copy()
            request.set_output_tensor(index, openvino.Tensor(output, shared_memory=True))
            outputs.append(torch.from_numpy(output))
        return _OpenVINOCall(request, arrays, outputs)


@dataclass(frozen=True)
class _OpenVINOCall:
    request: Any
    inputs: list[Any]  # shared with the request, which does not keep their memory alive
    outputs: list[Tensor]

    def __call__(self) -> Sequence[Tensor]:
        self.request.infer()
        return self.outputs


class NativeRuntime(OpenVINORuntime):
    """The project's kernel for steps and pictures, OpenVINO for everything else.

    Args:
        threads: CPU threads of a step, and of decoding.

    Raises:
        KernelUnavailable: it cannot be compiled here.
    """

    def __init__(self, threads: int) -> None:
        library()  # now rather than in the middle of things
        super().__init__(threads)
        self._threads = threads

    def stepper(self, step: SpatialStep, no_text: Tensor, ranks: Iterable[int]) -> Stepper:
        """See `Runtime`."""
        return KernelStepper(step, no_text, self._threads)

    def decoder(self, rqvae: RQVAE, width: int) -> PictureDecoder:
        """See `Runtime`. Pictures do not depend on `width`."""
        try:
            return KernelDecoder(rqvae, self._threads)
        except ValueError as error:
            logger.warning("decoding with OpenVINO, which is slower: %s", error)
            return super().decoder(rqvae, width)


def choose_runtime(
    name: RuntimeName, device: str, threads: int, *, bfloat16: bool = False, graphs: bool = False
) -> Runtime:
    """The runtime of a name; "auto" is the kernel on a CPU (OpenVINO where that is not to be had, or
    bfloat16 is asked for) and PyTorch elsewhere.

    Args:
        name: see `RuntimeName`.
        device: PyTorch's name of it.
        threads: CPU threads of a call; PyTorch's are the process's and set elsewhere.
        bfloat16: let OpenVINO multiply in bfloat16, for modules that stay in single precision.
        graphs: replay CUDA graphs.

    Raises:
        ValueError: a runtime was asked for what it does not do.
        KernelUnavailable: the kernel was asked for and cannot be compiled here.
    """
    if name in ("openvino", "native") and device != "cpu":
        raise ValueError(f"{name} draws on the CPU, not on {device}: choose runtime torch")
    if name == "torch" or device != "cpu":
        return TorchRuntime(device, graphs)
    if name == "native" and bfloat16:
        raise ValueError("native multiplies in float32: choose runtime openvino for bfloat16")
    if name != "openvino" and not bfloat16:
        try:
            return NativeRuntime(threads)
        except KernelUnavailable as error:
            if name == "native":
                raise
            logger.warning("drawing with OpenVINO, which is slower: %s", error)
    return OpenVINORuntime(threads, "bf16" if bfloat16 else "f32")


def _as_tuple(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (outputs,) if isinstance(outputs, Tensor) else outputs

"""What runs the engine's modules: PyTorch on any device, or OpenVINO on a CPU.

A runtime compiles a module for inputs of fixed shapes into a `Program`. A program is bound to input tensors
once; every call then reads what they hold and returns output tensors that the next call overwrites.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
from torch import Tensor, nn

Bound = Callable[[], Sequence[Tensor]]
RuntimeName = Literal["auto", "torch", "openvino"]


class Program(Protocol):
    """A compiled module; programs of one module share its weights."""

    def bind(self, inputs: Sequence[Tensor]) -> Bound:
        """A call without arguments that reads `inputs`, which stay where they are in memory."""
        ...


class Runtime(Protocol):
    """Compiles modules for a device."""

    @property
    def device(self) -> torch.device:
        """Where inputs and outputs live."""
        ...

    def compile(self, module: nn.Module, inputs: Sequence[Tensor]) -> Program:
        """`module` for inputs of these shapes and types."""
        ...


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
    """OpenVINO's CPU plug-in, for small models: two to three times PyTorch's speed at a dozen rows.

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


def choose_runtime(
    name: RuntimeName, device: str, threads: int, *, bfloat16: bool = False, graphs: bool = False
) -> Runtime:
    """The runtime of a name; "auto" is OpenVINO on a CPU and PyTorch elsewhere.

    Args:
        name: see `RuntimeName`.
        device: PyTorch's name of it.
        threads: CPU threads of a call; PyTorch's are the process's and set elsewhere.
        bfloat16: let OpenVINO multiply in bfloat16, for modules that stay in single precision.
        graphs: replay CUDA graphs.

    Raises:
        ValueError: OpenVINO was asked for on another device than the CPU.
    """
    if name == "openvino" and device != "cpu":
        raise ValueError(f"openvino draws on the CPU, not on {device}: choose runtime torch")
    if name == "torch" or device != "cpu":
        return TorchRuntime(device, graphs)
    return OpenVINORuntime(threads, "bf16" if bfloat16 else "f32")


def _as_tuple(outputs: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (outputs,) if isinstance(outputs, Tensor) else outputs

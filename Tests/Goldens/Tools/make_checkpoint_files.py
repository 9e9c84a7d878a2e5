"""Writes the small checkpoint files in Tests/CheckpointsTests/Fixtures, as PyTorch and safetensors write them (2.13 and 0.8 made those
that are there).

    python3 Tests/Goldens/Tools/make_checkpoint_files.py Tests/CheckpointsTests/Fixtures
"""

import collections
import os
import sys

import safetensors.torch
import torch


def ramp(*shape, dtype=torch.float32):
    """0.5, 1.5, 2.5 … row by row."""
    count = 1
    for size in shape:
        count *= size
    return (torch.arange(count, dtype=torch.float64) + 0.5).reshape(shape).to(dtype)


class RunsCode:
    def __reduce__(self):
        return os.system, ("touch videowire-ran-code",)


def files():
    model = torch.nn.Sequential(collections.OrderedDict(a=torch.nn.Linear(3, 2), b=torch.nn.LayerNorm(2)))
    for parameter in model.parameters():
        parameter.data = ramp(*parameter.shape)
    types = {
        "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16, "f64": torch.float64, "i64": torch.int64,
        "i32": torch.int32, "u8": torch.uint8, "bool": torch.bool,
    }
    numbers = {name: ramp(2, 3, dtype=dtype) for name, dtype in types.items()}
    whole = ramp(4, 3)
    views = {"whole": whole, "rows": whole[1:3], "row": whole[3], "element": whole[2, 1], "tied": whole, "none": ramp(0, 3)}
    yield "module", model.state_dict(), {}
    yield "types", numbers, {}
    yield "protocol4", numbers, {"pickle_protocol": 4}
    yield "protocol5", numbers, {"pickle_protocol": 5}
    yield "parameters", dict(model.named_parameters()), {}
    yield "views", views, {}
    yield "transposed", {"t": ramp(2, 3).t()}, {}
    yield "training", {"epoch": 3, "model": numbers}, {}
    yield "code", {"t": ramp(2), "x": RunsCode()}, {}
    yield "legacy", numbers, {"_use_new_zipfile_serialization": False}


for name, value, options in files():
    torch.save(value, os.path.join(sys.argv[1], name + ".bin"), **options)

types = {key: value for name, value, _ in files() if name == "types" for key, value in value.items()}
safetensors.torch.save_file(types, os.path.join(sys.argv[1], "types.safetensors"), metadata={"format": "pt"})

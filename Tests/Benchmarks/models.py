#!/usr/bin/env python3
"""Times the three parts of Video-LaVIT's tokenizers in PyTorch and ONNX Runtime: what `videowire model bench` is compared with.

    python3 -m venv venv && venv/bin/pip install torch onnx onnxscript onnxruntime numpy
    venv/bin/python Tests/Benchmarks/models.py --threads 2 --videowire .build/release/videowire --checkpoint DIR

Full sizes, random weights, best of --runs, all programs in turn in each round so that a machine that changes its speed does so for all.
ONNX Runtime gets the ViT in stacks of four blocks, run ten times: the file of all forty would exceed the format's two gigabytes.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--kept", type=int, default=90, help="patches that the selector keeps; 90 is the paper's mean")
parser.add_argument("--videowire", help="the program; needs --checkpoint")
parser.add_argument("--checkpoint", help="a full-size checkpoint, e.g. of `videowire model synth`")
parser.add_argument("--precisions", default="fp32,bf16,int16,int8", help="int16 is videowire's alone, bf16 not ONNX Runtime's")
parser.add_argument("--parts", default="vit,merger,motion")
arguments = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

torch.set_num_threads(arguments.threads)
torch.manual_seed(0)
torch.set_grad_enabled(False)


class Attention(nn.Module):
    """Fused projection, scaled dot products, projection; x: [batch, tokens, width]."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        x = F.scaled_dot_product_attention(q, k, v)
        return self.proj(x.transpose(1, 2).reshape(batch, tokens, width))


class MLP(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class ViTBlock(nn.Module):
    def __init__(self, width=1408, heads=16, hidden=6144):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.attn, self.mlp = Attention(width, heads), MLP(width, hidden)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class MergerBlock(nn.Module):
    """All positions, as the reference computes them; the weighted softmax as it is written there."""

    def __init__(self, width=1408, heads=16, hidden=6144):
        super().__init__()
        self.heads, self.scale = heads, (width // heads) ** -0.5
        self.norm0, self.norm1, self.norm2 = (nn.LayerNorm(width) for _ in range(3))
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.query, self.key, self.value, self.cross = (nn.Linear(width, width) for _ in range(4))
        self.mlp = MLP(width, hidden)

    def attend(self, q, k, v, mask):
        batch, tokens, width = q.shape
        q, k, v = (t.reshape(batch, tokens, self.heads, width // self.heads).transpose(1, 2) for t in (q, k, v))
        a = q @ k.transpose(-2, -1) * self.scale
        w = (a.float() - a.float().amax(-1, keepdim=True)).exp() * mask
        p = (w + 1e-6 / tokens) / (w.sum(-1, keepdim=True) + 1e-6)
        return (p.to(v.dtype) @ v).transpose(1, 2).reshape(batch, tokens, width)

    def forward(self, x, others, causal, cross):
        q, k, v = self.qkv(self.norm0(x)).chunk(3, -1)
        x = x + self.proj(self.attend(q, k, v, causal))
        x = x + self.cross(self.attend(self.query(self.norm1(x)), self.key(others), self.value(others), cross))
        return x + self.mlp(self.norm2(x))


class Merger(nn.Module):
    def __init__(self, depth=12, width=1408):
        super().__init__()
        self.blocks = nn.ModuleList(MergerBlock(width) for _ in range(depth))
        self.ln_vision, self.norm = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x, causal, cross):
        others = self.ln_vision(x)
        for block in self.blocks:
            x = block(x, others, causal, cross)
        return self.norm(x)


class MotionBlock(nn.Module):
    def __init__(self, width=512, heads=8):
        super().__init__()
        self.norm0, self.norm1, self.norm2 = (nn.LayerNorm(width) for _ in range(3))
        self.spatial, self.temporal = Attention(width, heads), Attention(width, heads)
        self.mlp = MLP(width, 4 * width)

    def forward(self, x):  # [frames, cells, width]
        x = x + self.spatial(self.norm0(x))
        y = x.transpose(0, 1)
        x = x + self.temporal(self.norm1(y)).transpose(0, 1)
        return x + self.mlp(self.norm2(x))


class MotionEncoder(nn.Module):
    stages = [
        # left, right, top, bottom, front, back; strides
        ((0, 1, 0, 1, 1, 1), (1, 2, 2)),
        ((1, 1, 1, 1, 0, 1), (2, 1, 1)),
        ((1, 1, 1, 1, 0, 1), (2, 1, 1)),
        ((0, 1, 0, 1, 0, 1), (2, 2, 2)),
    ]

    def __init__(self, width=512):
        super().__init__()
        self.in_proj = nn.Linear(2, width)
        self.blocks = nn.ModuleList(MotionBlock(width) for _ in range(12))
        self.convs = nn.ModuleList(nn.Conv3d(width, width, 3, stride=s) for _, s in self.stages)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 32))

    def forward(self, motion):  # [2, 24, 20, 36]
        x = self.in_proj(motion.permute(1, 2, 3, 0))
        for stage, (padding, _) in enumerate(self.stages):
            t, h, w, c = x.shape
            x = x.reshape(t, h * w, c)
            for block in self.blocks[3 * stage : 3 * stage + 3]:
                x = block(x)
            x = x.reshape(t, h, w, c).permute(3, 0, 1, 2)[None]
            x = self.convs[stage](F.pad(x, padding))[0].permute(1, 2, 3, 0)
        return self.head(self.norm(x))


def masks(kept, patches=256):
    keep = torch.zeros(patches)
    keep[torch.randperm(patches)[:kept]] = 1
    causal = torch.maximum(keep[None, :].expand(patches, patches), torch.eye(patches)).tril()
    return causal, (1 - keep)[None, :].expand(patches, patches).contiguous()


parts = {
    "vit": (lambda: nn.Sequential(*(ViTBlock() for _ in range(40))), lambda: (torch.randn(1, 257, 1408),)),
    "merger": (Merger, lambda: (torch.randn(1, 256, 1408), *masks(arguments.kept))),
    "motion": (MotionEncoder, lambda: (torch.randn(2, 24, 20, 36),)),
}


def torch_runner(make, inputs, precision):
    model = make().eval()
    if precision == "bf16":
        model = model.bfloat16()
        inputs = tuple(t.bfloat16() for t in inputs)
    elif precision == "int8":
        model = torch.ao.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)

    def run():
        with torch.inference_mode():
            model(*inputs)

    return run


def onnx_runner(part, precision, folder):
    make, inputs = parts[part]
    inputs = inputs()
    # The format holds two gigabytes a file.
    repeat = {"vit": 10, "merger": 3, "motion": 1}[part]
    if part == "vit":
        model = nn.Sequential(*(ViTBlock() for _ in range(4)))
    elif part == "merger":
        model = Merger(depth=4)
    else:
        model = make()
    path = os.path.join(folder, f"{part}.onnx")
    if not os.path.exists(path):
        names = [f"input{i}" for i in range(len(inputs))]
        torch.onnx.export(model.eval(), inputs, path, input_names=names, opset_version=18, dynamo=False)
    if precision == "int8":
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantized = os.path.join(folder, f"{part}.int8.onnx")
        if not os.path.exists(quantized):
            quantize_dynamic(
                path, quantized, op_types_to_quantize=["MatMul", "Gemm"], per_channel=True, weight_type=QuantType.QInt8)
        path = quantized
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {i.name: t.numpy() for i, t in zip(session.get_inputs(), inputs)}

    def run():
        for _ in range(repeat):
            session.run(None, feed)

    return run


def busy_share(before, after):
    """The share of all processors that anybody used between two readings of /proc/stat."""
    total = sum(after) - sum(before)
    return 1 - (after[3] + after[4] - before[3] - before[4]) / max(total, 1)


def processor_times():
    with open("/proc/stat", encoding="utf-8") as file:
        return [int(n) for n in file.readline().split()[1:9]]


def timed(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def videowire_times(precision):
    """One run of each part: the program reports milliseconds."""
    output = subprocess.run(
        [arguments.videowire, "model", "bench", arguments.checkpoint, "--precision", precision, "--threads",
         str(arguments.threads), "--kept", str(arguments.kept), "--runs", str(arguments.runs), "--json"],
        check=True, capture_output=True, text=True).stdout
    return {name: value / 1000 for name, value in json.loads(output)["best_ms"].items()}


def main():
    results = {}
    precisions = arguments.precisions.split(",")
    with tempfile.TemporaryDirectory() as folder:
        ours = {}
        if arguments.videowire:
            for precision in precisions:
                ours[precision] = videowire_times(precision)
        for part in arguments.parts.split(","):
            make, inputs = parts[part]
            runners = {}
            for precision in precisions:
                if precision in ("fp32", "bf16", "int8"):
                    runners[f"torch {precision}"] = torch_runner(make, inputs(), precision)
                if precision in ("fp32", "int8"):
                    runners[f"onnxruntime {precision}"] = onnx_runner(part, precision, folder)
            for name, run in list(runners.items()):
                print(f"{part}: {name}: {timed(run):.2f} s (first run)", file=sys.stderr)
            best = {name: float("inf") for name in runners}
            for _ in range(arguments.runs):
                for name, run in runners.items():
                    best[name] = min(best[name], timed(run))
            for precision, times in ours.items():
                best[f"videowire {precision}"] = times[part]
            results[part] = best
            for name, seconds in sorted(best.items(), key=lambda item: item[1]):
                print(f"{part:8} {name:18} {seconds * 1000:8.0f} ms")
    if arguments.videowire:
        for part, best in results.items():
            for precision in precisions:
                mine = best[f"videowire {precision}"]
                for peer in ("torch", "onnxruntime"):
                    theirs = min(t for name, t in best.items() if name.startswith(peer))
                    print(f"{part:8} videowire {precision} / best of {peer}: {mine / theirs:.2f}")


main()

#!/usr/bin/env python3
"""What captions of video files cost: with videowire's memory, and with the newest four pictures alone (`memory: none`).

Both ways run over the same files, in one run, against the same server: a chat-completions server of yours (--server), or one
that this script plays on loopback, which answers at once with a sentence of its own for each request. Its sentences mean nothing: the
table then compares calls, pictures, bytes and times, not what is said.

    Tests/Benchmarks/captions.py VIDEOWIRE FILE…  [--server URL] [--motion codec|reencode]
"""
import argparse
import http.server
import json
import subprocess
import sys
import threading


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    requests = []

    def log_message(self, *arguments):
        pass

    def answer(self, body, kind="application/json"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        model = {"id": "made", "owned_by": "llamacpp", "architecture": {"input_modalities": ["text", "image"]}}
        self.answer(json.dumps({"data": [model]}).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        parts = json.loads(body)["messages"][-1]["content"]
        pictures = sum(part["type"] == "image_url" for part in parts)
        self.requests.append((len(body), pictures))
        number = len(self.requests)
        words = " ".join(f"w{number * 7 + index}x{number}" for index in range(8))
        chunks = [
            {"choices": [{"index": 0, "delta": {"content": f"{words}."}, "finish_reason": None}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        ]
        text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
        self.answer(text.encode(), "text/event-stream")


def run(videowire, file, server, memory, motion):
    """One file one way: what came of it."""
    command = [videowire, "run", file, "--json", "--captioner", server, "--memory", memory, "--motion", motion]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    events = [json.loads(line) for line in lines]

    def data(name):
        return [event["data"] for event in events if event["type"] == f"io.videowire.{name}.v1"]

    finals, skipped = data("caption.final"), data("caption.skipped")
    seconds = max(clip["clip"]["pts_end_ns"] for clip in data("clip.tokens")) / 1e9
    calls = len(finals) + sum(skip["cause"] in ("silence", "repeat", "failed") for skip in skipped)
    ages = sorted((final["writing"]["frames_pts_ns"][-1] - final["pts_start_ns"]) / 1e9 for final in finals if final["writing"]["frames_pts_ns"])
    tokens = [final["writing"].get("prompt_tokens") for final in finals]
    return {
        "seconds": seconds, "calls": calls, "captions": len(finals), "age": ages[len(ages) // 2] if ages else None,
        "tokens": sum(tokens) if tokens and None not in tokens else None,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("videowire")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--server", help="the URL of a chat-completions server; by default one that is played here")
    parser.add_argument("--motion", default="auto", choices=["auto", "codec", "reencode"])
    options = parser.parse_args()
    server = options.server
    if server is None:
        made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=made.serve_forever, daemon=True).start()
        server = f"http://127.0.0.1:{made.server_port}"

    print(f"{'file':34} {'memory':8} {'seconds':>7} {'calls':>5} {'of 1/s':>6} {'captions':>8} {'pictures':>8} {'kB sent':>7} {'tokens':>7} {'picture after start':>19}")
    for file in options.files:
        for memory in ("clip", "none"):
            print(f"{file.rsplit('/', 1)[-1][:34]:34} {memory:8} …", end="\r", file=sys.stderr, flush=True)
            Server.requests.clear()
            found = run(options.videowire, file, server, memory, options.motion)
            # The first is the question of the start.
            sent = Server.requests[1:] if options.server is None else []
            pictures = str(sum(count for _, count in sent)) if sent else "-"
            size = str(sum(size for size, _ in sent) // 1000) if sent else "-"
            age = "-" if found["age"] is None else f"{found['age']:.1f} s"
            print(
                f"{file.rsplit('/', 1)[-1][:34]:34} {memory:8} {found['seconds']:7.0f} {found['calls']:5} "
                f"{100 * found['calls'] / found['seconds']:5.0f}% {found['captions']:8} {pictures:>8} {size:>7} "
                f"{found['tokens'] or '-':>7} {age:>19}")


main()

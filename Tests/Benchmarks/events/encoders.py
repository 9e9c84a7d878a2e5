"""Encodes a scene four ways in one go."""

import json
import pathlib
import subprocess

import scenes

# As cameras and files have it; docs/motion-events.md.
ENCODERS = {
    "A": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-refs", "1", "-g", "50"],
    "B": ["-c:v", "libx264", "-preset", "medium", "-bf", "3", "-refs", "3", "-b-pyramid", "normal"],
    "C": ["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-b:v", "500k", "-maxrate", "500k", "-bufsize", "500k",
          "-g", "50", "-sc_threshold", "0"],
    # Not -r 6: that shows every picture a third of a second late.
    "D": ["-vf", "fps=6", "-c:v", "mpeg4", "-b:v", "8M"],
}


def encode(scene, folder):
    """Writes NAME-A.mp4 … NAME-D.mp4 and NAME.json, the truth."""
    folder = pathlib.Path(folder)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "rawvideo", "-pix_fmt", "gray",
               "-s", f"{scenes.WIDTH}x{scenes.HEIGHT}", "-r", str(scenes.RATE), "-i", "pipe:0"]
    for name, options in ENCODERS.items():
        command += ["-map", "0:v", "-pix_fmt", "yuv420p", "-threads", "1", *options, str(folder / f"{scene.name}-{name}.mp4")]
    with subprocess.Popen([c for c in command if c != "-nostdin"], stdin=subprocess.PIPE) as ffmpeg:
        for picture in scene.pictures():
            ffmpeg.stdin.write(picture)
        ffmpeg.stdin.close()
        if ffmpeg.wait() != 0:
            raise RuntimeError(f"ffmpeg cannot encode {scene.name}; its words are above")
    truth = dict(name=scene.name, kind=scene.kind, ground=scene.ground, seconds=int(scene.seconds * scenes.RATE) / scenes.RATE,
                 camera=scene.is_camera, observable=scene.observable, texture=round(scene.texture, 3), events=scene.events)
    (folder / f"{scene.name}.json").write_text(json.dumps(truth))

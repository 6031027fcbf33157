"""Figures of a lab run: one line of JSON on the output, and appended to $FLEET_FIGURES."""

import json
import os
from pathlib import Path


def quantiles(seconds):
    """In milliseconds; a p99 of fewer than 200 values would say nothing, so there is none."""
    values = sorted(1000 * s for s in seconds)
    if not values:
        return {"n": 0}

    def at(share):
        return round(values[min(len(values) - 1, int(share * len(values)))], 1)
    return {"n": len(values), "p50_ms": at(0.5), "p90_ms": at(0.9),
            **({"p99_ms": at(0.99)} if len(values) >= 200 else {}),
            "max_ms": round(values[-1], 1)}


def report(name, **figures):
    """`program` is the folder the program lies in: a preset's name for one that was built."""
    folder = Path(os.environ.get("FLEET_NERVE_BIN", "?")).resolve().parent.name
    line = json.dumps({"figure": name, "program": folder, "cpus": os.cpu_count(),
                       "load": [round(x, 1) for x in os.getloadavg()], **figures})
    print(line, flush=True)
    if path := os.environ.get("FLEET_FIGURES"):
        with open(path, "a", encoding="utf-8") as out:
            out.write(line + "\n")

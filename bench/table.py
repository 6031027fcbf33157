"""The table of docs/BENCHMARKS.md: pooling rounds, ratios, goals, the machine."""
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
GOAL_P50, GOAL_RATE = 1.5, 0.6


def row(what, value, goal, met):
    return f"| {what} | {value} | {goal} | {'met' if met else '**missed**'} |"


def first_line(*words):
    try:
        return subprocess.run(words, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return "?"


def describe(work):
    """The machine, and what one fdatasync costs on it: the unit in which all of this is paid."""
    times = []
    with open(work / "sync", "wb") as file:
        for _ in range(300):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(1000 * (time.perf_counter() - begun))
    info = pathlib.Path("/proc/cpuinfo").read_text() if sys.platform == "linux" else ""
    model = next((l.split(":")[1].strip() for l in info.splitlines() if "model name" in l), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kind = first_line("stat", "-f", "-c", "%T", str(work))
    return (f"{time.strftime('%Y-%m-%d')}, {platform.system()} {platform.release()}, {model}, "
            f"{os.cpu_count()} cores, {memory:.0f} GiB, file system {kind}, "
            f"fdatasync of 4 KiB appended p50 {statistics.median(times):.2f} ms, "
            f"{first_line('c++', '--version')}, load before {os.getloadavg()[0]:.1f}")


def pooled(rounds):
    """p50 and p99 over all rounds, and the median rate; a p99 needs 200 samples, else the maximum."""
    times = sorted(ms for one in rounds for ms in one["ms"]) or [0]
    p99 = f"{times[len(times) * 99 // 100]:.2f}" if len(times) >= 200 else f"max {times[-1]:.2f}"
    rate = statistics.median(one["per_s"] for one in rounds)
    return [f"{times[len(times) // 2]:.2f}", p99, f"{rate:.0f}"]


def ratio(taken, key):
    each = [r[key] / f[key] for f, r in zip(taken["floor"], taken["real"]) if f[key]]
    return statistics.median(each)


def road_rows(name, clients, taken):
    label = f"{name}, {clients} client{'s' if clients > 1 else ''}"
    rows = []
    for who in ("floor", "real"):
        if not taken[who]:
            continue
        cells = pooled(taken[who])
        if who == "real":
            p50, rate = ratio(taken, "p50_ms"), ratio(taken, "per_s")
            met = p50 <= GOAL_P50 and (name != "HTTP" or rate >= GOAL_RATE)
            goal = f"p50 ≤ {GOAL_P50}×" + (f", rate ≥ {GOAL_RATE}×" if name == "HTTP" else "")
            cells += [f"{p50:.2f}×", f"{rate:.2f}×", f"{goal}: {'met' if met else '**missed**'}"]
        else:
            cells += ["1", "1", ""]
        rows.append(f"| {label} | {who} | " + " | ".join(cells) + " |")
    return rows


def render(machine, roads, nodes, anchors, notes):
    lines = [f"Machine: {machine}.", "",
             "Accepted → stored, 512-byte bodies; p50 and p99 in ms over all rounds; a ratio is the median over",
             "neighbouring rounds. p99 measures fsync more than anything else.", "",
             "| road | who | p50 | p99 | stored/s | p50 ÷ floor | rate ÷ floor | goal |",
             "|---|---|---|---|---|---|---|---|"]
    for one in roads:
        lines += road_rows(*one)
    if nodes:
        lines += ["", "| node | measured | goal | |", "|---|---|---|---|", *nodes]
    lines += ["", "For orientation, without a goal (one client, one write, no cryptography, no second machine):",
              "", "| queue | p50 ms | p99 ms | writes/s |", "|---|---|---|---|", *anchors]
    if notes:
        lines += [""] + [f"- {note}" for note in notes]
    return "\n".join(lines)


def write_section(path, text):
    page = path.read_text() if path.exists() else ""
    if BEGIN not in page or END not in page:
        raise SystemExit(f"{path}: the lines {BEGIN} and {END} are missing")
    head, rest = page.split(BEGIN, 1)
    path.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END, 1)[1]}")

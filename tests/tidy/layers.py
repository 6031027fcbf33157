"""Include edges, third-party doors, front doors and purity. The tables are in layers.txt."""
import re

IMPURE = {
    "asio": "the pure rooms decide; waiting is for the trunk in services",
    "SQLiteCpp": "the pure rooms remember nothing; the slice's table does",
    "sqlite3": "the pure rooms remember nothing; the slice's table does",
    "httplib": "the pure rooms reach nobody; io does",
    "nats": "the pure rooms reach nobody; io does",
    "spdlog": "the pure rooms return what is worth saying; the caller logs it",
    "boost": "a protocol library belongs in faces/http",
    "thread": "the pure rooms run on the caller's thread",
    "mutex": "the pure rooms run on the caller's thread",
    "atomic": "the pure rooms run on the caller's thread",
    "condition_variable": "the pure rooms run on the caller's thread",
    "future": "the pure rooms run on the caller's thread",
    "fstream": "files are io's; take the bytes as an argument",
    "filesystem": "files are io's; take the bytes as an argument",
    "iostream": "the pure rooms print nothing; return the text",
    "random": "randomness is injected: take a fleet::Rng&",
    "unistd.h": "system calls are io's",
    "sys": "system calls are io's",
}
FRONT_DOORS = {
    "channels": r"channels/(channel|registry)\.h$",
    "services": r"services/(registry\.h|[^/]+/service\.h|[^/]+/types\.h)$",
}
FREE_TESTS = {"contracts", "scenarios", "sim", "support", "e2e", "lab"}


class Layers:
    def __init__(self, text):
        self.rooms, self.edges, self.spine, self.doors = {}, set(), set(), []
        self.front, self.pure = set(), ()
        for line in text.splitlines():
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            kind, rest = line.split(None, 1)
            fields = [f.strip() for f in rest.split(":")]
            if len(fields) < (3 if kind in ("room", "door") else 2) or not fields[-1]:
                raise ValueError(f"layers.txt: this line gives no reason: {line}")
            if kind == "room":
                self.rooms[fields[0]] = set(fields[1].split())
            elif kind == "spine":
                self.spine = set(fields[0].split())
            elif kind == "front":
                self.front |= set(fields[0].split())
            elif kind == "pure":
                self.pure += tuple(fields[0].split())
            elif kind == "edge":
                self.edges.add(tuple(part.strip() for part in fields[0].split("->")))
            elif kind == "door":
                self.doors.append((fields[0], fields[1].split(), fields[2]))
            else:
                raise ValueError(f"layers.txt: unknown kind '{kind}'")

    def is_pure(self, target):
        """Whether fleet/base/time.h or services/leases/rules.h is held to core's purity."""
        return (room_of(target) in ("base", "model", "core") or bool(re.match(r"services/[^/]+/rules\.", target))
                or target.startswith(self.pure or ("\0",)))


def target_of(source, name, known):
    """The project file an include means, as services/inbox/service.h or fleet/base/time.h; None = foreign."""
    if name.startswith("fleet/"):
        return name
    if name.split("/")[0] in known and "/" in name:
        return name
    return None


def room_of(target):
    parts = target.split("/")
    return parts[1] if parts[0] == "fleet" and len(parts) > 2 else parts[0]


def as_target(path):
    return re.sub(r"^(?:src|include)/", "", path)


def slice_of(path):
    match = re.match(r"(?:src/)?((?:services|channels)/[^/]+)/", path)
    return match.group(1) if match else None


def check(source, layers, report):
    if not source.is_code or source.parts[0] == "bench":
        return  # a benchmark's floor programs use the bare libraries on purpose
    pure = source.is_ours and layers.is_pure(as_target(source.path))
    for line, name, quoted in source.includes():
        check_doors(source, line, name, layers, report)
        if pure:
            check_purity(source, line, name, report)
        target = target_of(source, name, layers.rooms)
        if quoted and target is None and "/" not in name and source.is_ours:
            report(source, line, f'"{name}" has no room in its path',
                   "an include that says its room can be checked; write it from include/ or src/")
        if target:
            check_edge(source, line, target, layers, report)


def check_doors(source, line, name, layers, report):
    for prefix, files, why in layers.doors:
        if name == prefix or name.startswith(prefix):
            if not any(source.path == f or source.path.startswith(f) for f in files):
                report(source, line, f"<{name}> is included outside its door", f"{why}. Its door: {', '.join(files)}")


def check_purity(source, line, name, report):
    why = IMPURE.get(re.split(r"[./]", name)[0]) or IMPURE.get(name)
    if why:
        report(source, line, f"<{name}> in a pure room", why)


def check_edge(source, line, target, layers, report):
    here, there = source.room, room_of(target)
    if here is None:
        if source.parts[0] == "tests" and source.parts[1] in layers.rooms:
            here = source.parts[1]
        else:
            return  # tests of several rooms, benchmarks and fuzzers may look anywhere
    allowed = layers.rooms.get(here)
    if allowed is None:
        report(source, line, f"room '{here}' is not in layers.txt", "give it a row with its reason")
        return
    if there not in allowed:
        report(source, line, f"{here} includes {target}",
               f"{here} may see {', '.join(sorted(allowed - {here})) or 'nobody'}; move the noun down, or "
               "hand the thing in through a port")
        return
    if source.is_ours:
        here_pure = source.room == "services" and layers.is_pure(as_target(source.path))
        own_types = slice_of(target) == slice_of(source.path) and target.endswith("/types.h")
        if here_pure and not own_types and not layers.is_pure(target):
            report(source, line, f"rules include {target}", "rules are held to core's purity: nouns in, decisions out")
        check_front_door(source, line, target, there, layers, report)


def check_front_door(source, line, target, there, layers, report):
    door = FRONT_DOORS.get(there)
    mine, theirs = slice_of(source.path), slice_of(target)
    at_root = source.path.startswith(f"src/{there}/") and source.path.count("/") == 2
    if not door or at_root or target.endswith(".sql.h") and mine == theirs:
        return
    if source.room == there and (mine == theirs or theirs is None):
        return
    if not re.match(door, target) and target not in layers.front:
        report(source, line, f"{target} is the inside of {theirs or there}",
               "from outside only the front door is included (channels/channel.h, channels/registry.h, "
               "services/<x>/service.h, services/<x>/types.h)")
    elif source.room == there == "services" and theirs not in layers.spine and (mine, theirs) not in layers.edges:
        report(source, line, f"{mine} uses {theirs} without an edge",
               f"add 'edge {mine} -> {theirs}: why' to tests/tidy/layers.txt, or tell it through services/events")
    elif source.room == there == "channels" and (mine, theirs) not in layers.edges:
        report(source, line, f"{mine} uses {theirs}", "channels know nothing of each other; share through io")

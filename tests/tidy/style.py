"""Banned calls with their replacement, the co_await rule, words, names and sizes."""
import re

# (pattern, where it is allowed (path prefixes), what is wrong, what instead)
CALLS = [
    (r"\b(?:system|steady|high_resolution|file|utc)_clock\s*::\s*now\b", ("src/io/", "tests/", "bench/"),
     "reads the clock", "time is an argument, or comes from io::Clock, so that the simulator owns it"),
    (r"\b(?:clock_gettime|gettimeofday|std::time|localtime)\s*\(", ("src/io/", "tests/", "bench/"),
     "reads the clock", "time is an argument, or comes from io::Clock, so that the simulator owns it"),
    (r"\bstd::(?:jthread|thread|async)\b(?!::hardware)", ("src/io/", "src/store/", "tests/", "bench/"),
     "starts a thread", "blocking work goes through io::Offload; the trunk is one loop thread"),
    (r"(?<![\w.>])(?:std::)?s?rand\s*\(|\brandom_device\b|\bmt19937", ("src/io/",),
     "draws randomness of its own", "take a fleet::Rng&, so that FLEET_SEED replays the run"),
    (r"\b(?:secure_)?getenv\b", ("src/io/", "src/app/", "tests/", "bench/"),
     "reads the environment", "config is read once in app and handed down"),
    (r"\bthis_thread::sleep_|(?<![\w.>:])(?:::)?(?:u|nano)?sleep\s*\(", (),
     "sleeps", "wait on io::Clock (in tests: on the virtual clock)"),
    (r"\bstd::(?:cout|cerr|clog)\b|(?<![\w.>:])(?:std::)?(?:printf|puts|putchar)\s*\(",
     ("src/faces/cli/", "src/app/", "tests/", "bench/"),
     "prints", "return the text, or log through io/log.h; on stdio MCP, stdout carries JSON-RPC only"),
    (r"(?<![\w.>:])(?:std::)?(?:system|popen)\s*\(", ("src/io/",),
     "runs a shell", "io's subprocess takes an argument vector and a deadline"),
    (r"\bstd::(?:recursive_|shared_|timed_)*mutex\b|\bstd::(?:lock_guard|scoped_lock|unique_lock)\b",
     ("src/io/", "src/store/", "src/channels/", "src/faces/", "src/app/", "tests/", "bench/"),
     "takes a lock", "between two co_awaits nothing else runs; post() to the loop instead"),
]
HEADER_ONLY = {
    "iostream": "it costs every includer; print in a .cpp",
    "regex": "it costs every includer; match in a .cpp",
    "asio.hpp": "it costs 4 CPU s per includer; include the one header of asio you name",
}
WORDS = [
    (r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b", "unfinished work in main", "finish it, or open an issue"),
    (r"\bst" r"ubs?\b|not[ _]impl" r"emented|unimpl" r"emented", "a placeholder", "leave out what does nothing"),
    (r"\.\./shar" r"ed|\.libra" r"ry\b|DEVELOPERS" r"\.md", "a path of somebody's machine",
     "the project stands alone; say it in its own docs"),
]
COMMENT_WORDS = re.compile(r"//.*\b(?:for n" r"ow(?!\()|previous" r"ly)\b", re.I)
NAMES = re.compile(r"(?:^|_)(?:utils?|managers?|helpers?|common|misc)(?:_|$)")
TYPES = re.compile(r"\b(?:class|struct)\s+\w*(?:Manager|Helper|Utils?)\b")
LAMBDA = re.compile(r"(?:^|[(,=!&|?:{;]|\breturn)\s*$")
CAPTURING = re.compile(r"\[[^\[\]]+\]\s*(?:\([^()]*\))?\s*(?:mutable\s*)?->\s*(?:asio::)?(?:Task|awaitable)\b")


def check(source, report):
    check_words(source, report)
    stem = source.parts[-1].split(".")[0]
    for part in source.parts[:-1] + [stem]:
        if NAMES.search(part.lower()) and source.parts[0] in ("src", "include", "tests", "bench"):
            report(source, 1, f"'{part}' says nothing", "name the file after its main noun")
    if not source.is_code:
        return
    for pattern, allowed, what, instead in CALLS:
        if source.path.startswith(allowed):
            continue
        for match in re.finditer(pattern, source.code):
            report(source, source.line_of(match.start()), f"'{match.group().strip()}' {what}", instead)
    for match in TYPES.finditer(source.code):
        report(source, source.line_of(match.start()), f"'{match.group()}' says nothing", "verbs do, nouns answer")
    if source.is_header:
        check_header(source, report)
    for offset, what in co_await_faults(source.code):
        report(source, source.line_of(offset), f"{what} in the expression of a co_await",
               "g++ 12.2 frees it twice; give it a name on a line of its own and std::move it in")
    for match in CAPTURING.finditer(source.code):
        report(source, source.line_of(match.start()), "a lambda with captures is a coroutine",
               "its captures die with the lambda, not with the frame; write a function with parameters by value")
    for number, line in enumerate(source.lines, 1):
        if len(line) > 100 and not re.search(r"https?://", line):
            report(source, number, f"{len(line)} columns", "100 is the limit; ./dev format")


def check_words(source, report):
    if source.path.startswith("tests/tidy/") and source.suffix == ".txt":
        return
    for pattern, what, instead in WORDS:
        for match in re.finditer(pattern, source.text):
            line = source.text.count("\n", 0, match.start()) + 1
            report(source, line, f"'{match.group()}': {what}", instead)
    if source.is_code:
        for number, line in enumerate(source.lines, 1):
            if COMMENT_WORDS.search(line):
                report(source, number, "a comment tells history", "write for a reader who has only this version")


def check_header(source, report):
    if not source.text.startswith("//"):
        report(source, 1, "the header does not say what it is",
               "open with 2-6 comment lines: what it is, what it refuses to be, who uses it")
    if "#pragma once" not in source.code:
        report(source, 1, "no #pragma once", "a header is included twice sooner or later")
    for line, name, _ in source.includes():
        if name in HEADER_ONLY and source.is_ours:
            report(source, line, f"<{name}> in a header", HEADER_ONLY[name])


def co_await_faults(code):
    """(offset, what) for each brace, lambda or ?: to the right of co_await in its full expression."""
    for match in re.finditer(r"\bco_await\b", code):
        fault = scan_right(code, match.end())
        if fault:
            yield match.start(), fault


def scan_right(code, at):
    depth = 0
    while at < len(code):
        char = code[at]
        if char in "([":
            if char == "[" and LAMBDA.search(code[max(0, at - 12):at]):
                return "a lambda"
            depth += 1
        elif char in ")]":
            depth -= 1
            if depth < 0:
                if closes_control(code, at):
                    return None
                depth = 0
        elif char == ";":
            return None
        elif char == "{":
            return "a brace"
        elif char == "}":
            return "an enclosing brace"
        elif char == "?":
            return "a ?:"
        at += 1
    return None


def closes_control(code, at):
    """Whether the ) at `at` belongs to if, while, for or switch: there the full expression ends."""
    depth = 0
    while at >= 0:
        if code[at] == ")":
            depth += 1
        elif code[at] == "(":
            depth -= 1
            if depth == 0:
                return bool(re.search(r"\b(?:if|while|for|switch)\s*(?:constexpr\s*)?$", code[max(0, at - 20):at]))
        at -= 1
    return False

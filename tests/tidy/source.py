"""The sources as the rules see them: each file once, with comments and literals blanked out."""
import pathlib
import re

CODE = {".h", ".cpp"}
SCRIPTS = {".py", ".sh", ".cmake", ".js", ".ts", ".sql"}
PROSE = {".md", ".txt", ".json", ".html", ".css", ".yml", ".yaml", ".pml", ""}
SKIP = {".git", "build", "node_modules", "__pycache__", ".cache", "corpus"}

LITERALS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)


def blank(match):
    text = match.group()
    if text.startswith("/"):
        return re.sub(r"[^\n]", " ", text)
    return text[0] + re.sub(r"[^\n]", "_", text[1:-1]) + text[-1]


class Source:
    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.suffix = path.suffix
        self.text = path.read_text(encoding="utf-8", errors="replace")
        self.lines = self.text.split("\n")
        self.is_code = self.suffix in CODE
        self.is_header = self.suffix == ".h"
        self.code = LITERALS.sub(blank, self.text) if self.is_code else self.text
        self.parts = self.path.split("/")

    @property
    def room(self):
        """The room whose rules hold: src/<room>, include/fleet/<room>; None elsewhere."""
        if self.parts[0] == "src" and len(self.parts) > 2:
            return self.parts[1]
        if self.path.startswith("include/fleet/") and len(self.parts) > 3:
            return self.parts[2]
        return None

    @property
    def is_ours(self):
        """Shipped C++, as opposed to tests and benchmarks."""
        return self.is_code and self.parts[0] in ("src", "include")

    def includes(self):
        """(line number, name, quoted?) of every #include."""
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                yield number, match.group(2), match.group(1) == '"'

    def line_of(self, offset):
        return self.code.count("\n", 0, offset) + 1


def sources(root):
    found = []
    for path in sorted(root.rglob("*")):
        if SKIP & set(path.relative_to(root).parts) or not path.is_file() or path.is_symlink():
            continue
        if path.suffix in CODE | SCRIPTS | PROSE and path.stat().st_size < 2_000_000:
            found.append(Source(root, path))
    return found

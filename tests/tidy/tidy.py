#!/usr/bin/env python3
"""The rules of the house as a test. Each message says what is wrong, why, and what instead.

tidy.py [ROOT] [--warnings]: exit 1 where a rule is broken. Rules with tables read layers.txt and sizes.txt.
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import layers  # noqa: E402
import sizes  # noqa: E402
import source as tree  # noqa: E402
import style  # noqa: E402

EVERYWHERE = {"schema"}  # a folder name that means the same in every slice and is described once


class Findings:
    def __init__(self):
        self.failures, self.warnings = [], []

    @staticmethod
    def line(source, line, what, instead):
        place = f"{source.path}:{line}" if hasattr(source, "path") else f"{source or 'project'}"
        return f"{place}: {what}. {instead[0].upper()}{instead[1:]}."

    def fail(self, source, line, what, instead):
        self.failures.append(self.line(source, line, what, instead))

    def warn(self, source, line, what, instead):
        self.warnings.append(self.line(source, line, what, instead))


def check_map(root, files, findings):
    """Every top-level folder and every room and slice has its place in docs/ARCHITECTURE.md."""
    page = root / "docs/ARCHITECTURE.md"
    if not page.exists():
        findings.fail("docs/ARCHITECTURE.md", 1, "is missing", "the map is where a reader starts")
        return
    text = page.read_text(encoding="utf-8")
    folders = set()
    for source in files:
        parts = source.parts[:-1]
        folders.update(parts[:1])
        if parts[:1] == ["src"]:
            folders.update(parts)
    for folder in sorted(folders - EVERYWHERE):
        if f"{folder}/" not in text and f"`{folder}`" not in text:
            findings.fail("docs/ARCHITECTURE.md", 1, f"does not name the folder '{folder}/'",
                          "a folder without a place on the map is one nobody will look in")


def check_tree(root, tables=HERE):
    findings = Findings()
    rules = layers.Layers((tables / "layers.txt").read_text(encoding="utf-8"))
    listed = sizes.exceptions((tables / "sizes.txt").read_text(encoding="utf-8"), findings.fail)
    files = tree.sources(root)
    for source in files:
        layers.check(source, rules, findings.fail)
        style.check(source, findings.fail)
        sizes.check(source, listed, findings.fail, findings.warn)
    check_map(root, files, findings)
    for page, why in (("CHANGELOG.md", "a change nobody is told of is a surprise"),
                      ("README.md", "it holds the two commands"), ("LICENSE", "without it nobody may use this")):
        if not (root / page).exists():
            findings.fail(page, 1, "is missing", why)
    return findings, len(files)


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("-")]
    root = pathlib.Path(arguments[0]).resolve() if arguments else HERE.parent.parent
    findings, count = check_tree(root)
    if "--warnings" in sys.argv:
        print("\n".join(f"warning: {w}" for w in findings.warnings))
    print("\n".join(findings.failures))
    print(f"tidy: {count} files, {len(findings.failures)} failures, {len(findings.warnings)} warnings")
    sys.exit(1 if findings.failures else 0)


if __name__ == "__main__":
    main()

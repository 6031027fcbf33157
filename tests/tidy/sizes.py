"""How long files and functions are. Functions are found by their braces, well enough for a limit."""
import re

FILE_WARN, FILE_FAIL = 300, 500
FUNCTION_WARN, FUNCTION_FAIL = 40, 70
NOT_FUNCTIONS = re.compile(r"^\s*(?:(?:template|inline|export|constexpr|static|const|typedef)\b[^;{]*?)?"
                           r"\b(?:namespace|class|struct|enum|union|extern)\b")


def functions(code):
    """(name, first line, lines) of each outermost function body."""
    code = re.sub(r"^[ \t]*#.*?(?<!\\)$", lambda m: " " * len(m.group()), code, flags=re.M)
    at, statement_start, line = 0, 0, 1
    inside, opened = 0, None  # braces open inside the function; (name, line) of the function
    initialiser = 0
    for at, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == "{":
            if opened:
                inside += 1
                continue
            if initialiser:
                initialiser += 1
                continue
            head = code[statement_start:at]
            if re.search(r"\)\s*:[^:]", head) and re.search(r"[\w>]$", head):
                initialiser = 1  # a_{x} of a constructor's list: the body is still to come
            elif "(" in head and not NOT_FUNCTIONS.match(head) and not re.search(r"(?<![=<>!])=(?!=)\s*$", head):
                opened, inside = (name_of(head), line), 1
            else:
                statement_start = at + 1
        elif char == "}":
            if initialiser:
                initialiser -= 1
            elif opened:
                inside -= 1
                if inside == 0:
                    yield opened[0], opened[1], line - opened[1] + 1
                    opened, statement_start = None, at + 1
            else:
                statement_start = at + 1
        elif char == ";" and not opened and not initialiser and head_is_complete(code, statement_start, at):
            statement_start = at + 1


def head_is_complete(code, start, at):
    head = code[start:at]
    return head.count("(") == head.count(")")


def name_of(head):
    test = re.search(r"\bTEST(?:_F|_P)?\s*\(\s*\w+\s*,\s*(\w+)", head)
    if test:
        return test.group(1)
    match = re.search(r"([\w:~]+|operator\S+)\s*\(", head)
    return match.group(1) if match else "?"


def exceptions(text, report):
    listed = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(" ")
            if not reason.strip():
                report(None, number, f"sizes.txt lists {name} without a reason", "say why it is right as it is")
            listed[name] = reason
    return listed


def check(source, listed, report, warn):
    if source.suffix not in (".h", ".cpp", ".py", ".js", ".ts", ".sh"):
        return
    count = len(source.lines) - 1
    if count > FILE_FAIL and source.path not in listed:
        report(source, 1, f"{count} lines", f"{FILE_FAIL} is the limit: a table, a slice or a second noun is hiding here")
    elif count > FILE_WARN and source.path not in listed:
        warn(source, 1, f"{count} lines", "aim at 100-150")
    if not source.is_code:
        return
    for name, line, length in functions(source.code):
        key = f"{source.path}:{name}"
        if length > FUNCTION_FAIL and key not in listed:
            report(source, line, f"{name} has {length} lines", f"{FUNCTION_FAIL} is the limit; name its parts")
        elif length > FUNCTION_WARN and key not in listed:
            warn(source, line, f"{name} has {length} lines", "aim at 5-10")

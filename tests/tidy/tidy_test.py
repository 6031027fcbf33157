#!/usr/bin/env python3
"""A rule that finds nothing proves nothing: each offender planted here must be found, each innocent left alone."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import sizes  # noqa: E402
import style  # noqa: E402
import tidy  # noqa: E402

HEAD = "// What it is.\n// What it is not.\n#pragma once\n"
CLEAN = {
    "README.md": "", "CHANGELOG.md": "", "LICENSE": "",
    "docs/ARCHITECTURE.md": "src/ docs/ include/ tests/ base/ core/ io/ services/ inbox/ leases/ races/ channels/ faces/ "
                            "p1_nats/ cli/ catalogue/ fleet/ bench/",
}
# (file, its text, a piece of the message that must come)
OFFENDERS = [
    ("src/core/a.cpp", '#include "io/clock.h"\n', "core includes io/clock.h"),
    ("src/core/a.cpp", "#include <asio/awaitable.hpp>\n", "in a pure room"),
    ("src/core/a.cpp", "#include <mutex>\n", "in a pure room"),
    ("src/services/leases/rules.cpp", "#include <thread>\n", "in a pure room"),
    ("src/services/leases/rules.h", HEAD + '#include "store/database.h"\n', "rules include store/database.h"),
    ("src/faces/cli/a.cpp", '#include "services/inbox/service.h"\n', "faces includes services/inbox/service.h"),
    ("src/io/a.cpp", "#include <nats/nats.h>\n", "outside its door"),
    ("src/store/a.cpp", "#include <spdlog/spdlog.h>\n", "outside its door"),
    ("src/faces/a.cpp", "#include <boost/beast/http.hpp>\n", "outside its door"),
    ("src/services/a.cpp", '#include "channels/p1_nats/leaf.h"\n', "inside of channels/p1_nats"),
    ("src/services/races/a.cpp", '#include "services/leases/table.h"\n', "inside of services/leases"),
    ("src/services/races/a.cpp", '#include "services/leases/service.h"\n', "without an edge"),
    ("src/services/a.cpp", '#include "table.h"\n', "has no room in its path"),
    ("src/core/a.cpp", "auto t = std::chrono::steady_clock::now();\n", "reads the clock"),
    ("src/services/a.cpp", "std::thread t(f);\n", "starts a thread"),
    ("src/services/a.cpp", "std::mutex m;\n", "takes a lock"),
    ("src/services/a.cpp", "int x = rand();\n", "draws randomness"),
    ("src/services/a.cpp", 'auto p = std::getenv("HOME");\n', "reads the environment"),
    ("tests/core/a_test.cpp", "std::this_thread::sleep_for(1s);\n", "sleeps"),
    ("src/services/a.cpp", "std::cout << 1;\n", "prints"),
    ("src/services/a.cpp", 'system("ls");\n', "runs a shell"),
    ("src/services/a.cpp", "auto x = co_await f(Request{1});\n", "a brace in the expression"),
    ("src/services/a.cpp", "auto x = co_await f([k] { return k; });\n", "a lambda in the expression"),
    ("src/services/a.cpp", "auto x = co_await f(a ? b : c);\n", "a ?: in the expression"),
    ("src/services/a.cpp", "g(co_await f(), Request{1});\n", "a brace in the expression"),
    ("src/services/a.cpp", "Request r = {co_await f()};\n", "an enclosing brace in the expression"),
    ("src/services/a.cpp", "auto l = [k](int n) -> Task<void> { co_return; };\n", "a lambda with captures is a coroutine"),
    ("src/services/inbox_utils.cpp", "", "says nothing"),
    ("src/services/a.cpp", "class PeerManager {};\n", "says nothing"),
    ("src/services/a.cpp", "// TO" "DO later\n", "unfinished work"),
    ("docs/a.md", "see ../sha" "red/x\n", "somebody's machine"),
    ("src/services/a.cpp", "int a;  // good enough for n" "ow\n", "tells history"),
    ("src/services/a.cpp", "int " + "a" * 100 + ";\n", "columns"),
    ("src/services/a.h", "#pragma once\n", "does not say what it is"),
    ("src/services/a.h", "// What.\n// Not.\n", "no #pragma once"),
    ("src/services/a.h", HEAD + "#include <iostream>\n", "<iostream> in a header"),
    ("src/services/a.cpp", "int a;\n" * 501, "501 lines"),
    ("src/services/a.cpp", "void f(int a) {\n" + "  a++;\n" * 70 + "}\n", "f has 72 lines"),
    ("src/services/novel/a.cpp", "", "does not name the folder 'novel/'"),
]
INNOCENTS = [
    ("src/services/inbox/rules.h", HEAD + '#include "services/trust/policy.h"\n'),
    ("bench/floor/a.cpp", "#include <sqlite3.h>\n#include <openssl/evp.h>\n"),
    ("src/services/a.cpp", "if (co_await f(x)) {\n  g();\n}\nfor (auto& e : co_await h()) {\n  g();\n}\n"),
    ("src/services/a.cpp", "auto [a, b] = co_await f(std::move(x), y[0]);\nauto z = Request{1};\n"),
    ("src/services/a.cpp", "while (!(co_await f())) {\n  co_return;\n}\n// co_await f({1})\n"),
    ("src/services/a.cpp", "co_await clock.sleep_for(span);\nauto l = [](int n) -> Task<void> { co_return; };\n"),
    ("src/services/a.cpp", 'log("std::cout rand() TO_DO system()");\nconst char c = \'"\';\nint n = 1\'000;\n'),
    ("src/services/a.cpp", '#include "services/inbox/service.h"\n#include "channels/registry.h"\n'),
    ("src/services/leases/table.cpp", '#include "services/leases/schema/001_init.sql.h"\n#include "store/database.h"\n'),
    ("src/services/leases/rules.cpp", '#include "services/leases/types.h"\n#include "fleet/core/x.h"\n'),
    ("src/services/leases/service.cpp", '#include "services/inbox/service.h"\n'),
    ("src/channels/registry.cpp", '#include "channels/p1_nats/leaf.h"\n'),
    ("src/io/nats_connection.cpp", "#include <nats/nats.h>\n"),
    ("tests/store/a_test.cpp", "#include <sqlite3.h>\n#include \"store/database.h\"\n"),
]


class TidyTest(unittest.TestCase):
    def failures(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, content in {**CLEAN, path: text}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(content, encoding="utf-8")
            return tidy.check_tree(root)[0].failures

    def test_every_planted_offender_is_found(self):
        for path, text, expected in OFFENDERS:
            with self.subTest(path=path, expected=expected):
                self.assertTrue(any(expected in f for f in self.failures(path, text)), self.failures(path, text))

    def test_every_innocent_is_left_alone(self):
        for path, text in INNOCENTS:
            with self.subTest(path=path, text=text):
                self.assertEqual(self.failures(path, text), [])

    def test_a_missing_page_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            failures = "\n".join(tidy.check_tree(pathlib.Path(folder))[0].failures)
        for page in ("docs/ARCHITECTURE.md", "CHANGELOG.md", "README.md", "LICENSE"):
            self.assertIn(f"{page}: is missing", failures)

    def test_a_table_row_without_a_reason_is_refused(self):
        with self.assertRaises(ValueError):
            tidy.layers.Layers("edge services/a -> services/b:\n")

    def test_functions_are_measured_through_lambdas_and_initialisers(self):
        code = ("namespace x {\nA::A(int a) : a_{a}, b_{1} {\n  go();\n}\n"
                "class B {\n  int f() const { return 1; }\n};\nauto g(int x) -> int {\n  run([&] {\n    go();\n  });\n}\n}\n")
        self.assertEqual([(n, length) for n, _, length in sizes.functions(code)], [("A::A", 3), ("f", 1), ("g", 5)])

    def test_every_co_await_of_an_expression_is_judged(self):
        self.assertEqual(len(list(style.co_await_faults("f(co_await g(), co_await h(T{}));"))), 2)


if __name__ == "__main__":
    unittest.main()

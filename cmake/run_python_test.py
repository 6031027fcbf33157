"""run_python_test.py FILE: runs the unittest cases of one file for ctest.

Exit status 0 passed, 1 failed, 77 skipped: the file asked for it with sys.exit(77), or every one of
its tests was skipped. The reasons are printed, because a skipped test nobody can explain is a hole.
"""
import importlib.util
import pathlib
import sys
import unittest

SKIPPED = 77


def load(path):
    for folder in (path.parent, path.parent.parent):  # neighbours, and tests/support as support.x
        sys.path.insert(0, str(folder))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(load(pathlib.Path(sys.argv[1]).resolve()))
    if not suite.countTestCases():
        sys.exit(f"{sys.argv[1]} holds no unittest.TestCase")
    result = unittest.TextTestRunner(verbosity=2, failfast=False).run(suite)
    if not result.wasSuccessful():
        sys.exit(1)
    for test, reason in result.skipped:
        print(f"SKIPPED {test}: {reason}", flush=True)
    # A class skipped by setUpClass counts no run at all, so compare with what ran and was not skipped.
    ran = result.testsRun - sum(1 for test, _ in result.skipped if isinstance(test, unittest.TestCase))
    sys.exit(SKIPPED if ran <= 0 and result.skipped else 0)


main()

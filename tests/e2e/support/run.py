"""Runs test modules; exit 77 where every test was skipped, so that ctest shows SKIPPED.

`PYTHONPATH=tests python3 -m e2e.support.run e2e.claude_contract_test [more modules or tests]`
"""

import sys
import unittest

SKIPPED = 77


def main(names):
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    outcome = unittest.TextTestRunner(verbosity=2).run(suite)
    if not outcome.wasSuccessful() or suite.countTestCases() == 0:
        return 1
    # A skip in setUpClass counts once for the class, and then none of its tests ran.
    nothing_ran = outcome.testsRun == 0 or len(outcome.skipped) >= outcome.testsRun
    if nothing_ran:
        for _, reason in outcome.skipped:
            print(f"SKIPPED: {reason}")
    return SKIPPED if nothing_ran else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Real programs under test control: the node, nats-server, Claude Code, and a model server.

Tests import these with tests/ on the path (`from e2e.support.node import Node`).
By hand: `python3 cmake/run_python_test.py tests/e2e/test_claude_contract.py`.
"""

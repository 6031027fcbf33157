"""Real programs under test control: the node, nats-server, Claude Code, and a model server.

Tests import these with tests/ on the path: `PYTHONPATH=tests python3 -m e2e.support.run e2e.x_test`.
"""

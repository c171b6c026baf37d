"""What is measured, and how: `python -m benchmarks.<name> [--quick] [--json]`; see README.md."""

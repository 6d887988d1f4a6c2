"""What the benchmarks read: made up, seeded, with the truth beside it."""

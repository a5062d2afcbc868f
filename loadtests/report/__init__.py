"""What a load came to: latencies, rates and goodput, as tables, JSON and pictures."""

"""What clients and stages exchange: schemas, events, messages, errors. No web framework."""

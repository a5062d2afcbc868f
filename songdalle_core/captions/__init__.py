"""The captions that the embedded image models were trained on, and prompts rewritten as such captions."""

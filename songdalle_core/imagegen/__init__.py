"""Text to pictures: a model, what runs it, and the engine that draws many requests at once.

    model/     what is computed: RQ-VAE and RQ-Transformer, sampling, tokenizer, checkpoints. Begin with
               `textbook.py`, which draws the plain way.
    runtimes/  what computes it fast: one step of many candidates (`stepping.py`), run by PyTorch or by the
               kernel in `native/`
    engine/    when: slots, who gets the next one, and previews on the way

Imports go from the engine to the runtimes to the model, never back.
"""

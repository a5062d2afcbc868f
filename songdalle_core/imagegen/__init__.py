"""Text to pictures: models, what runs them, and the engine that draws many requests at once.

    model/     what is computed: RQ-VAE and RQ-Transformer, sampling, tokenizer, checkpoints. Begin with
               `textbook.py`, which draws the plain way.
    runtimes/  what computes it fast: one step of many candidates (`stepping.py`), run by PyTorch or by the
               kernel in `native/`
    engine/    when: slots, who gets the next one, and previews on the way. `step_engine.py` knows no model;
               what a step does is in `codes.py` for codes and in `denoisers/runner.py` for denoisers
    denoisers/ open models of today, by diffusers' networks

Imports go from the denoisers to the engine to the runtimes to the model, never back.
"""

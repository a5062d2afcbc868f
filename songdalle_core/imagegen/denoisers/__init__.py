"""Denoisers: pictures out of noise by the open models of diffusers' pipelines, many candidates a step.

    families/     how each kind of pipeline reads a prompt, calls its network and decodes
    schedules.py  a candidate's way from noise to picture: a scheduler of its own
    previews.py   what an unfinished candidate looks like
    loading.py    a folder or a page of the model hub, made a `Denoiser`
    runner.py     one step of many candidates, under the engine that codes use as well
    engine.py     the engine

diffusers is imported only when one of these modules but this one is.
"""

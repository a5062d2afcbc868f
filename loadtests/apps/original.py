"""The original service's way: one request at a time, every stage after the other, the textbook sampler.

One process holds all models, as the original's did. The text stages, the weights and the reranker are the
service's own, so that the difference is in how covers are drawn and how requests share the machine.
"""

import itertools
import tempfile
import time
from pathlib import Path
from typing import Any

from ray import serve
from ray.serve import Application
from starlette.requests import Request
from starlette.responses import Response

from loadtests.apps.contract import covers, order_of, other

UPSCALE = 2  # as serve_config.yaml has it, for pictures that no finish painted


class OriginalModels:
    """All models of the pipeline, and the pipeline as one function."""

    def __init__(self, threads: int, generator: str, reranker: str, folder: Path) -> None:
        import torch

        from songdalle_core import morphology
        from songdalle_core.imagegen.model.generator import load_generator
        from songdalle_core.lyrics import KiwiSpacer
        from songdalle_core.reranking import ClipReranker
        from songdalle_core.sentiment import MoodClassifier
        from songdalle_core.summarization import TextRankSummarizer
        from songdalle_core.translation import GlossTranslator, Lexicon

        torch.set_num_threads(threads)
        morphology.warm_up()
        lexicon = Lexicon.load()
        self._spacer = KiwiSpacer()
        self._summarizer = TextRankSummarizer(lexicon.is_picturable)
        self._translator = GlossTranslator(lexicon)
        self._moods = MoodClassifier.load()
        self._generator = load_generator(generator)
        self._reranker = ClipReranker.load(reranker)
        self._folder = folder

    def make(self, lyrics: str, candidates: int, seed: int) -> tuple[list[float], dict[str, float]]:
        """Scores of the covers, which are on disk by then, and the seconds of the stages."""
        import numpy as np
        import torch

        from songdalle_core.covers import cover_of
        from songdalle_core.imagegen.engine.requests import Drawn
        from songdalle_core.imagegen.model.autoencoder import to_pixels
        from songdalle_core.imagegen.model.textbook import textbook_codes
        from songdalle_core.lyrics import clean_lyrics, remove_profanity
        from songdalle_core.prompts import PromptOptions, build_prompt
        from songdalle_core.provenance import CoverMetadata, encode_png
        from songdalle_core.summarization import SummaryOptions

        marks = [("start", time.perf_counter())]

        def mark(name: str) -> None:
            marks.append((name, time.perf_counter()))

        clean = clean_lyrics(lyrics, spacer=self._spacer)
        mark("clean")
        (summary,) = self._summarizer.summarize_many([clean.lines], SummaryOptions(1, 28, 42))
        mark("summarize")
        english = [t.text for t in self._translator.translate_many(list(summary.sentences))]
        mark("translate")
        (mood,) = self._moods.classify_many([clean.text])
        mark("sentiment")
        options = PromptOptions(style="painting", mood=mood.label)
        prompt = build_prompt(english, options, profanity_filter=remove_profanity).text
        mark("prompt")
        seeds = range(seed, seed + candidates)
        codes = textbook_codes(self._generator, prompt, seeds)
        pictures = [to_pixels(self._generator.rqvae.decode(one)) for one in codes.split(1)]
        layers, images = iter(torch.cat(pictures).numpy()), []
        for number, own in enumerate(seeds):
            count = len(self._generator.captions(prompt, own))
            drawn = Drawn(
                number, own, np.stack(list(itertools.islice(layers, count))), codes.numpy()
            )
            images.append(cover_of(self._generator, prompt, drawn))
        mark("generate")
        scores = [float(score) for score in self._reranker.score(prompt, np.stack(images))]
        mark("rerank")
        metadata = CoverMetadata(prompt, seed, "textbook")
        upscale = UPSCALE if self._generator.planner is None else 1
        files = [encode_png(image, metadata, upscale=upscale) for image in images]
        mark("label")
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            for number, png in enumerate(files):
                (Path(folder) / f"{number}.png").write_bytes(png)
        mark("store")
        timings = {name: until - since for (_, since), (name, until) in itertools.pairwise(marks)}
        return scores, {**timings, "total": marks[-1][1] - marks[0][1]}


@serve.deployment(
    name="Original",
    num_replicas=1,
    max_ongoing_requests=1,
    graceful_shutdown_timeout_s=10,
    ray_actor_options={"num_cpus": 0.05, "num_gpus": 0},
)
class Original:
    """Answers one request after the other; the rest wait in Ray Serve's queue."""

    def __init__(self, args: dict[str, Any]) -> None:
        self._models = OriginalModels(
            args.get("threads", 2),
            args.get("generator", "embedded"),
            args.get("reranker", "embedded"),
            Path(tempfile.gettempdir()),
        )
        self._models.make("warm up the balloon\nover the sea", 1, 0)

    async def __call__(self, request: Request) -> Response:
        """Serve one HTTP request."""
        order = await order_of(request)
        if order is None:
            return other(request)
        # On the event loop, as a blocking service does: nothing else is to run meanwhile.
        return covers(*self._models.make(order["lyrics"], order["candidates"], order["seed"]))


def build(args: dict[str, Any]) -> Application:
    """The application, for `import_path` of a Serve config."""
    deployment: Any = Original  # Ray's decorator hides its type
    bound: Application = deployment.bind(args)
    return bound

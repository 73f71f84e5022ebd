"""`python -m nlp classify|evaluate|bench|pii`: the package by hand."""

import argparse
import json
import os
import resource
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

import numpy as np

from nlp import pii
from nlp.analyzer import ENGINES, Analysis, Analyzer, Options, get_analyzer
from nlp.errors import NlpError
from nlp.evaluate import BUNDLED, TASKS, evaluate, evaluate_bundled, read_examples

FAILED: Final = 1
WRONG_USE: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0; 1 where a floor is not reached; 2 with one sentence where something cannot be read or run."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except NlpError as error:
        print(error, file=sys.stderr)
        return WRONG_USE


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m nlp", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="classify|evaluate|bench|pii")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--engine", choices=[*ENGINES, "off"], default=os.environ.get("NLP_ENGINE", "onnx"))
    shared.add_argument(
        "--model", default=os.environ.get("NLP_MODEL", ""), help="for --engine hf: a folder or a name"
    )
    shared.add_argument(
        "--revision", default=os.environ.get("NLP_REVISION", ""), help="pins a model named on the hub"
    )
    shared.add_argument("--json", action="store_true", help="one line of JSON per answer")

    one = commands.add_parser("classify", parents=[shared], help="read texts, or the lines of standard input")
    one.add_argument("texts", nargs="*", metavar="TEXT")
    one.set_defaults(run=run_classify)
    two = commands.add_parser(
        "evaluate", parents=[shared], help="measure on labelled rows; without --data our own"
    )
    two.add_argument("--data", type=Path, help="tab-separated, with the columns text and label")
    two.add_argument("--task", choices=TASKS, default="sentiment")
    two.add_argument("--limit", type=positive, help="only the first rows")
    two.set_defaults(run=run_evaluate)
    three = commands.add_parser("bench", parents=[shared], help="time and memory on our own rows")
    three.set_defaults(run=run_bench)
    four = commands.add_parser("pii", help="take personal data out of a text")
    four.add_argument("text", metavar="TEXT")
    four.add_argument("--json", action="store_true", help="the places as well")
    four.set_defaults(run=run_pii)
    return top


def positive(value: str) -> int:
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is not a whole number above 0")
    return int(value)


def run_classify(options: argparse.Namespace) -> int:
    analyzer = open_analyzer(options)
    for text in options.texts or standard_input():
        analysis = analyzer.analyse(text)
        say(one_line(as_dict(analysis, analyzer)) if options.json else describe(analysis, analyzer))
    return 0


def run_evaluate(options: argparse.Namespace) -> int:
    if options.data is not None:
        examples = read_examples(options.data, options.limit)
        say(layout(evaluate(open_analyzer(options), examples, options.task).as_dict(), options))
        return 0
    results = evaluate_bundled(open_analyzer(options))
    for floor, report in results:
        reached = {"measure": floor.measure, "value": round(floor.value(report), 4), "least": floor.least}
        say(layout({"file": floor.file, **report.as_dict(), "floor": reached}, options))
    below = [floor.file for floor, report in results if floor.value(report) < floor.least]
    if below:
        print(f"Below the floor: {', '.join(below)}.", file=sys.stderr)
    return FAILED if below else 0


def run_bench(options: argparse.Namespace) -> int:
    started = perf_counter()
    analyzer = open_analyzer(options)
    answer: dict[str, Any] = {"engine": analyzer.engine, "model_sha": analyzer.model_sha}  # Any: JSON
    answer["load_s"] = round(perf_counter() - started, 2)
    for language in ("en", "zh"):
        examples = read_examples(BUNDLED / f"sentiment.{language}.tsv")
        analyzer.analyse(examples[0].text)
        times = []
        for example in examples:
            started = process_time()
            analyzer.analyse(example.text)
            times.append((process_time() - started) * 1000)
        answer[f"cpu_ms_{language}"] = {
            f"p{part}": round(float(np.percentile(times, part)), 2) for part in (50, 95)
        }
    answer["peak_rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    say(layout(answer, options))
    return 0


def run_pii(options: argparse.Namespace) -> int:
    spans = pii.find(options.text)
    redacted = pii.redact(options.text, spans)
    say(one_line({"text": redacted, "spans": [asdict(span) for span in spans]}) if options.json else redacted)
    return 0


def open_analyzer(options: argparse.Namespace) -> Analyzer:
    return get_analyzer(options.engine, Options(model=options.model, revision=options.revision))


def standard_input() -> Iterable[str]:
    return (line.decode("utf-8", "replace").rstrip("\r\n") for line in sys.stdin.buffer)


def as_dict(analysis: Analysis, analyzer: Analyzer) -> dict[str, Any]:  # Any: JSON
    return {
        "language": analysis.language,
        "sentiment": analysis.sentiment,
        "score": analysis.score,
        "confidence": analysis.confidence,
        "complaint": analysis.complaint,
        "sounds_like_complaint": analysis.complaint >= analyzer.complaint_threshold(analysis.language),
        "topic": analysis.topic,
        "urgency": analysis.urgency,
        "reasons": [asdict(reason) for reason in analysis.reasons],
        "pii": [asdict(span) for span in analysis.pii],
        "model": analysis.model,
        "engine": analysis.engine,
        "model_sha": analysis.model_sha,
        "ms": analysis.ms,
    }


def describe(analysis: Analysis, analyzer: Analyzer) -> str:
    threshold = analyzer.complaint_threshold(analysis.language)
    head = (
        f"{analysis.language}  {analysis.sentiment} {analysis.confidence:.2f} (score {analysis.score:+.2f})  "
        f"complaint {analysis.complaint:.2f} (from {threshold:.2f})  topic {analysis.topic}  urgency {analysis.urgency}"
    )
    lines = [head]
    lines += [f"  {reason.about}: {reason.code} “{reason.words}”" for reason in analysis.reasons]
    lines += [f"  personal data: {span.kind} at {span.start}-{span.end}" for span in analysis.pii]
    return "\n".join(lines)


def layout(answer: dict[str, Any], options: argparse.Namespace) -> str:  # Any: JSON
    return one_line(answer) if options.json else json.dumps(answer, ensure_ascii=False, indent=2)


def one_line(answer: dict[str, Any]) -> str:  # Any: JSON
    return json.dumps(answer, ensure_ascii=False)


def say(text: str) -> None:
    """Prints anything: what has no place in UTF-8 comes out as an escape."""
    print(text.encode("utf-8", "backslashreplace").decode("utf-8"))


if __name__ == "__main__":
    sys.exit(main())

"""The engine without a transformer: n-gram weights and the signs of a complaint. Starts at once, needs only numpy."""

from hashlib import sha256

from nlp.analyzer import Options
from nlp.heads import Floats, load_heads
from nlp.reading import Reader, Scores

SHA_LENGTH = 12


class RulesReader(Reader):
    engine = "rules"
    complaint_by = "rules"

    def score(self, words: str, language: str) -> Scores:
        sentiment: Floats = self.by_ngrams("sentiment", words, language)
        logit = float(self.heads.ngram["complaint"].logits(words)[0])
        return Scores(
            sentiment,
            self.weigh_complaint([logit], sentiment, words),
            self.by_ngrams("topic", words, language),
        )


def open_engine(options: Options) -> RulesReader:
    path = options.weights / "heads.npz"
    heads = load_heads(path)
    return RulesReader(sha256(path.read_bytes()).hexdigest()[:SHA_LENGTH], heads, options)

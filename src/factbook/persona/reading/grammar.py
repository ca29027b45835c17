"""The parts of which patterns are made: a subject right before its verb, the phrase that follows, and where it ends.

A verb counts only right after its subject, so "my sister lives in Lyon" and "I don't live in Lyon" say nothing of where the person lives.
Sentences are read with straight apostrophes.
"""

import re

_ADVERBS = r"(?:(?:also|now|currently|still|just|really|very much|mainly|mostly|only|absolutely)\s+)?"
_NO_NAMES = (
    "this|that|it|there|what|here|my|our|your|his|her|their|everything|nothing|today|nobody|everybody|everyone|someone|somebody|anyone|people|one|who"
    "|mum|mom|dad|mother|father|sister|brother|wife|husband|son|daughter|partner|friend|grandma|grandpa|aunt|uncle|boss|i|he|she|they|we|you|but|and|so"
)
_NAMED = rf"^(?!(?:{_NO_NAMES})\b)(?-i:[^\W\d_a-z])[\w-]+(?:\s(?-i:[^\W\d_a-z])[\w-]+)?\s+"
_SOMEBODY = r"(?:i|he|she|they|(?:the\s+)?(?:customer|client|caller|patient|user|guest|member))"
_GOES_ON = "i|i'm|he|she|they|we|am|is|are|lives?|works?|ha(?:ve|s)|wants?|likes?|loves?|enjoys?|prefers?|hates?|speaks?|hopes?|plans?|my|his|her"

# Before a verb: somebody, a comma that goes on, a name, or nothing at all.
DOES = rf"(?:\b(?:and|but|who|{_SOMEBODY})\s+|[,:(]\s*|{_NAMED}|^){_ADVERBS}"
# Somebody is ...
IS = rf"(?:\b{_SOMEBODY}\s+(?:am|is|are)|\b(?:i'm|he's|she's|they're)|(?:^|\band\s+)(?:am|is)|{_NAMED}is)\s+{_ADVERBS}"
OWN = r"(?:my|his|her|their)"
PHRASE = r"(?P<text>[^,.;:!?()\s](?:[^,;:!?()]|(?<=\d),(?=\d))*?)"
END = rf"(?=\s*(?:[,;:!?()]|\.?$)|\s+(?:but|because|so|since|although|though|while|when|whenever|if)\b|\s+and\s+(?:{_GOES_ON})\b)"
# The rest of what is said.
REST = PHRASE + END
# A few words up to the end, to be put behind others within `text`.
TAIL = r"\s[^,.;:!?()]*?"
TIMES = r"(?:every|each)\s+(?:day|morning|evening|night|week|weekend|month|year|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
YEARS_OLD = r"(?:\d{1,3}[\s-]years?[\s-]old\s+)?"

# A sentence of somebody else: what it goes on with is said of them, unless the person speaks up in it.
OF_OTHERS = re.compile(
    r"^(?:and\s+|but\s+)?(?:(?:my|our|his|her|their)\s+(?!(?:name|job|occupation|profession|role|routine|daily|tone|strengths?|hobby|hobbies|interests?"
    r"|goal)\b)|we\b|you\b|your\b|an?\s|the\s+(?!(?:customer|client|caller|patient|user|guest|member|tone)\b))",
    re.IGNORECASE,
)
SPEAKS_UP = re.compile(r"\bi\b", re.IGNORECASE)
# Before what is said stands a word that takes it back.
HYPOTHETICAL = re.compile(r"\b(?:if|unless|whether|wish|imagine|suppose|used\s+to|not\s+true|pretend)\b", re.IGNORECASE)

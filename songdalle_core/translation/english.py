"""Just enough English to write a noun phrase: articles, plurals, participles, prepositions.

The tables are keyed by English head words, so that the lexicon needs no grammar columns.
"""

from __future__ import annotations

import re

from songdalle_core.wordsets import word_set

_IRREGULAR_PLURALS = {
    "child": "children", "foot": "feet", "goose": "geese", "man": "men", "mouse": "mice",
    "person": "people", "tooth": "teeth", "woman": "women", "leaf": "leaves", "wolf": "wolves",
    "knife": "knives", "sheep": "sheep", "fish": "fish", "deer": "deer",
}  # fmt: skip
_SINGULAR_IN_S = word_set(
    "bus gas canvas lens christmas iris compass cactus octopus circus campus paris venus mars "
    "lotus crocus hibiscus tennis atlas chaos universe"
)
_PLURAL_WITHOUT_S = frozenset(_IRREGULAR_PLURALS.values()) - {"sheep", "fish", "deer"}
MASS = word_set(
    "rain snow water ice air wind fog mist smoke fire sand dust light moonlight starlight sunlight "
    "sunshine candlelight lamplight darkness shade dew frost milk coffee tea wine beer juice soju "
    "champagne cocoa steam honey sugar salt bread rice food chocolate candy soup ramen music jazz blood "
    "hair skin ink paper gold silver glass wood steel grass seawater thunder lightning traffic "
    "rainwater perfume laughter love sleep silence spring summer autumn fall winter clothing "
    "jewelry money furniture luggage makeup foam ash lava neon cotton silk velvet lace heat "
    "weather sunset-light drizzle sleet hail warmth cold youth time hope joy sorrow sadness "
    "happiness peace freedom loneliness luck nature fruit popcorn toast cheese butter pasta "
    "pizza beef pork chicken seaweed moss ivy graffiti confetti scenery breath laundry dawn daybreak "
    "midnight noon twilight dusk homework smell noise seafood hay silverware "
    "electricity rubble fur leather"
)
# Named without a number, these come as several: eyes, stars, petals.
USUALLY_MANY = word_set(
    "star eye hand petal leaf tear firework footprint raindrop snowflake firefly lip shoe sneaker "
    "glove bubble teardrop sock boot eyelash earphone headphone fingertip footstep "
    "streetlight wing flower blossom cloud"
)
# The only one of their kind in a scene: "the sky", but "a blue sky".
UNIQUE = word_set("sky sea ocean moon sun world universe horizon ground earth way beach seaside")
_WITHOUT_ARTICLE = word_set(
    "space heaven paradise home wonderland neverland cinderella pan mars seoul tonight tomorrow "
    "yesterday today hollywood"
)
# Of the places, those that surround whoever is in them.
WEATHERS = word_set(
    "rain snow wind breeze fog mist darkness light sunlight moonlight starlight sunshine "
    "drizzle sunset"
)
# Parts by which a whole is described: 눈이 큰 소녀 (a girl with big eyes).
ATTRIBUTES = word_set(
    "eye eyes hair hand hands leg legs face voice smile lips lip neck ear ears nose wing wings "
    "tail scent color heart mouth finger fingers skin roof"
)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
TIMES = {
    "night": "at night", "midnight": "at midnight", "dawn": "at dawn", "daybreak": "at daybreak",
    "noon": "at noon", "midday": "at midday", "sunrise": "at sunrise", "sunset": "at sunset",
    "dusk": "at dusk", "twilight": "at twilight", "morning": "in the morning",
    "afternoon": "in the afternoon", "evening": "in the evening", "spring": "in spring",
    "summer": "in summer", "autumn": "in autumn", "fall": "in autumn", "winter": "in winter",
    "midsummer": "in midsummer", "midwinter": "in midwinter", "day": "", "weekend": "",
    "christmas": "at christmas", "season": "", "holiday": "", "daytime": "in the daytime",
    "birthday": "on a birthday",
    "sunday": "on a sunday", "saturday": "on a saturday", "friday": "on a friday",
    "monday": "on a monday", "tonight": "at night", "today": "", "tomorrow": "", "yesterday": "",
    **{month: f"in {month}" for month in MONTHS},
}  # fmt: skip
PEOPLE = word_set(
    "mother father grandmother grandfather child boy girl man woman friend brother sister king queen "
    "princess prince baby lover teacher student soldier knight wizard witch alien"
)
# Times that are not also sights.
HOURS = frozenset(TIMES) - {"sunset", "sunrise", "dawn", "daybreak", "twilight", "dusk"}
SEASONS = word_set("spring summer autumn fall winter midsummer midwinter")
_ON = word_set(
    "street road path way alley-path trail beach hill mountain stage roof rooftop bridge island "
    "ground floor table desk chair sofa bench bed grass shore seashore riverside seaside horizon "
    "earth balcony stairs staircase shoulder hand palm lips cheek face forehead train bus subway "
    "bicycle bike horse ship ferry swing cloud wave wall shelf playground platform highway "
    "runway throne crosswalk sidewalk railway track branch branches terrace lawn "
    "hilltop peak cliff "
    "planet moon motorcycle ferris carousel skateboard stool blanket page fingertip"
)
_ALONG = word_set(
    "street road path way trail alley shore beach riverside river highway railway track corridor"
)
_STATES_IN = word_set("covered dressed soaked wrapped buried bathed drenched clad veiled")
_AT = word_set("station airport harbor port stop corner window door entrance party end gate")
_BY = word_set("riverbank riverside waterside lakeside window windowsill fireside")
# Places and weathers that take "in the" when nothing else describes them.
PLACES = _ON | _AT | _BY | word_set(
    "sky sea ocean river lake forest woods park garden field city town village room house "
    "home "
    "cafe coffee-shop restaurant bar school classroom theater cinema museum library hospital "
    "church cathedral temple palace castle market store shop world space universe desert jungle "
    "valley cave pond pool well alley square plaza yard kitchen bathroom bedroom attic basement "
    "elevator office building tower downtown countryside night-sky amusement zoo farm orchard "
    "meadow rain snow wind fog mist darkness light sunlight moonlight starlight sunset dream "
    "wonderland kingdom neverland galaxy aquarium tunnel concert hall club studio hotel tent cabin "
    "greenhouse vineyard harbor parking-lot arcade")  # fmt: skip
VEHICLES_IN = word_set(
    "balloon car boat taxi airplane plane rocket spaceship cab truck van canoe "
    "carriage sailboat submarine helicopter wagon sleigh elevator"
)
RIDDEN = VEHICLES_IN | word_set(
    "bicycle bike motorcycle train bus subway horse ship ferry skateboard"
)
# Heads that can hold a story: "a dream of flying".
CONTENTS = word_set(
    "dream song story tale picture photo photograph painting movie film memory melody tune letter "
    "poem novel book scene legend fairytale diary drawing fantasy nightmare"
)
# Verbs that mean little without an object; before a noun and without one, the noun is the object.
TRANSITIVE = word_set(
    "play drink eat hold see read write wear make open close build draw hug kiss give send throw "
    "pick cut paint carry bring take touch pull push hang light plant embrace wipe watch grab "
    "cover "
    "put lose find ride follow kick fold raise pluck"
)
# Of these, the ones that cannot stand without an object even when nothing follows.
NEEDS_OBJECT = word_set(
    "hold see wear make give send throw pick cut take put lose find carry bring touch cover grab "
    "hang pull push close open build raise lift fold kick watch bury sprinkle wrap spread"
)
_TAKING = {
    "wait": "for", "look": "at", "listen": "to", "gaze": "at", "stare": "at", "dream": "of",
    "knock": "on", "get wet": "in", "lean": "on", "sit": "on", "stand": "on", "smile": "at",
}  # fmt: skip
_PARTED = re.compile(r"(\w+ing) ((?:on|in|around|over) the \w+)")
_TRAILING = word_set("at for to of into with on")
_GOING = {"leave": "for", "go": "to", "head": "to", "come": "to", "return": "to"}
_RESULTS = {
    "fall": "fallen", "break": "broken", "freeze": "frozen", "fade": "faded", "wither": "withered",
    "lose": "lost", "melt": "melted", "tear": "torn", "close": "closed", "open": "open",
    "hide": "hidden", "shatter": "shattered", "crumple": "crumpled", "rust": "rusted",
    "grow old": "old", "wilt": "wilted",
    "get wet": "wet",
    "collapse": "collapsed",
    "cool": "cold", "crack": "cracked", "burn": "burnt", "crumble": "crumbled", "stop": "stopped",
    "ripen": "ripe", "scatter": "scattered", "bend": "bent", "spill": "spilt", "sink": "sunken",
    "dry": "dried", "abandon": "abandoned",
}  # fmt: skip
_PAST_PARTICIPLES = {
    "make": "made", "write": "written", "draw": "drawn", "hold": "held", "build": "built",
    "wear": "worn", "give": "given", "send": "sent", "hang": "hung", "cut": "cut", "put": "put",
    "light": "lit", "sing": "sung", "bring": "brought", "throw": "thrown", "leave": "left",
    "see": "seen", "read": "read", "take": "taken", "find": "found", "eat": "eaten", "ride": "ridden",
    "buy": "bought", "catch": "caught", "drive": "driven", "blow": "blown", "break": "broken",
    "shake": "shaken", "sweep": "swept", "bury": "buried", "carry": "carried", "drink": "drunk",
    "tell": "told", "teach": "taught", "steal": "stolen", "choose": "chosen", "grow": "grown",
    "knit": "knitted", "plan": "planned", "wrap": "wrapped", "pick": "picked", "shut": "shut",
}  # fmt: skip
_SHORT = re.compile("[^aeiou]*[aeiou][^aeiouwxy]")  # run, stir: the consonant doubles
PREPOSITIONS = word_set(
    "in on at by of with without from to under over beyond outside behind beside between around near "
    "across along like toward into and"
)
_AN_EXCEPTIONS = ("uni", "use", "eu", "one", "ukulele")
_ARTICLES = ("a ", "an ", "the ", "two ", "three ", "many ", "some ")


def head_word(noun: str) -> str:
    """Last word of a compound noun, or the word before "of": 'cup of coffee' -> 'cup'."""
    return noun.split(" of ")[0].split(" in ")[0].split()[-1].lower()


def is_plural(noun: str) -> bool:
    """True if the noun is written in the plural already."""
    head = head_word(noun)
    if head in _PLURAL_WITHOUT_S:
        return True
    return (
        head.endswith("s")
        and not head.endswith(("ss", "us", "is"))
        and (head not in _SINGULAR_IN_S)
    )


def is_mass(noun: str) -> bool:
    """True for what is not counted: rain, snow, moonlight."""
    return head_word(noun) in MASS


def plural(noun: str) -> str:
    """The plural: 'leaf' -> 'leaves', 'cup of tea' -> 'cups of tea'; plurals and mass as is."""
    if is_plural(noun) or is_mass(noun):
        return noun
    first, of, rest = noun.partition(" of ")
    words = first.split()
    last = words[-1]
    if last in _IRREGULAR_PLURALS:
        last = _IRREGULAR_PLURALS[last]
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in tuple("aeiou"):
        last = last[:-1] + "ies"
    else:
        last += "s"
    return " ".join([*words[:-1], last]) + of + rest


def article(phrase: str) -> str:
    """`phrase` after 'a' or 'an', by the sound of its first word."""
    vowel = phrase[:1].lower() in tuple("aeiou") and not phrase.lower().startswith(_AN_EXCEPTIONS)
    vowel = vowel or phrase.lower().startswith(("hour", "honest"))
    return f"{'an' if vowel else 'a'} {phrase}"


def has_article(phrase: str) -> bool:
    """True if `phrase` begins with an article or a number word."""
    return phrase.lower().startswith(_ARTICLES)


def never_article(noun: str) -> bool:
    """True for places named like proper nouns: in space, in heaven."""
    return head_word(noun) in _WITHOUT_ARTICLE


def base(verb: str) -> str:
    """A verb without 'to': 'to fly away' -> 'fly away'."""
    return verb.removeprefix("to ").strip()


def participle(verb: str) -> str:
    """What the subject is doing: 'fly away' -> 'flying away', 'be covered' -> 'covered'."""
    words = base(verb).split()
    if words[0] == "be" and len(words) > 1:
        return " ".join(words[1:])
    return " ".join([_ing(words[0]), *words[1:]])


def _ing(verb: str) -> str:
    if verb.endswith("ing") and len(verb) > 5:
        return verb
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")) and verb != "be":
        return verb[:-1] + "ing"
    if _SHORT.fullmatch(verb):
        return verb + verb[-1] + "ing"
    return verb + "ing"


def result(verb: str) -> str | None:
    """The state a past event leaves, before a noun: 'fall' -> 'fallen'; None if not telling."""
    return _RESULTS.get(base(verb))


def past_participle(verb: str) -> str:
    """'make' -> 'made', 'paint' -> 'painted'."""
    first, *rest = base(verb).split()
    regular = first + ("d" if first.endswith("e") else "ed")
    return " ".join([_PAST_PARTICIPLES.get(first, regular), *rest])


def preposition(noun: str) -> str:
    """The preposition for being at `noun`: on a street, at a station, in a room."""
    head = head_word(noun)
    if head in _BY:
        return "by"
    if head in _AT:
        return "at"
    return "on" if head in _ON else "in"


def passage(noun: str) -> str:
    """The preposition for moving through `noun`: along a road, across a bridge, in a park."""
    head = head_word(noun)
    if head in _ALONG:
        return "along"
    return "across" if head in ("bridge", "desert", "sky", "sea", "field") else preposition(noun)


def destination(verb: str) -> str | None:
    """'leave' -> 'for', 'go' -> 'to'; None for verbs that go nowhere in particular."""
    return _GOING.get(base(verb))


def takes_preposition(verb: str) -> bool:
    """True for verbs whose object follows a preposition: look (at), wait (for)."""
    plain = base(verb)
    return plain in _TAKING or plain.split()[-1] in _TRAILING


def with_object(verb: str, thing: str) -> str:
    """Participle and object: 'waiting for a bus', 'hit by rain', 'holding hands'."""
    doing = participle(verb)
    parted = _PARTED.fullmatch(doing)
    if parted:  # carrying a bag on the back
        return f"{parted[1]} {thing} {parted[2]}"
    if base(verb).startswith("be "):
        return f"{doing} {agent_link(doing)} {thing}"
    taking = _TAKING.get(base(verb))
    return f"{doing} {taking} {thing}" if taking else f"{doing} {thing}"


def agent_link(state: str) -> str:
    """The word between a state and its cause: covered in, filled with, hit by."""
    first = state.split()[0]
    if state.split()[-1] in _TRAILING | {"by", "in"}:
        return ""
    if first in _STATES_IN:
        return "in"
    return "by" if first in ("hit", "chased", "struck", "hugged", "stung") else "with"


def without_object(verb: str) -> str:
    """Participle with no object: 'look at' -> 'looking'."""
    words = participle(verb).split()
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in _TRAILING else words)


def time_phrase(noun: str, described: bool) -> str | None:
    """'night' -> 'at night', 'winter night' -> 'on a winter night'; None if it is no time.

    An empty phrase is a time too vague to paint (a day).

    Args:
        described: other words come before the noun, so that it is one certain night.
    """
    head = head_word(noun)
    if head not in TIMES:
        return None
    if not described and " " not in noun:
        return TIMES[head]
    if head in SEASONS:
        return f"in {noun}"
    if not TIMES[head] and not described:
        return ""
    return f"at {noun}" if head in ("dawn", "midnight") else f"on {article(noun)}"

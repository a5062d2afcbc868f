"""Rules of the prompt policy: phrases that ask for something that is not drawn, and clean lookalikes.

Phrases are parted by commas; a slash parts the words that may stand at one place, a star stands for
any ending: "severed head*/limb*". Prompts are English: Korean lyrics are translated before, and lose
their rude words (`lyrics/profanity.py`). What songs say as a matter of course is not here: blood,
tears, wounds, death, guns, kisses, sexy.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One subject.

    Attributes:
        name: for people: "gore".
        asks: phrases each of which asks for it.
        together: a phrase of the first and one of the second, anywhere in the prompt, ask for it.
        spared: phrases that only look so: "naked eye".
    """

    name: str
    asks: str
    together: tuple[str, str] | None = None
    spared: str = ""


_SEXUAL = """
    nude/nudes/nudity/nudist*, naked/nakedness, topless, undress*, striptease*, stripper*, erotic*, porn*,
    hentai, nsfw, xxx rated, orgasm*, masturbat*, penis/penises, phallic, vagina*, vulva*, genital*, testicle*,
    scrotum, nipple*, areola/areolas, boob/boobs, tits, blowjob*, handjob*, cumshot*, ejaculat*, bdsm,
    rope bondage, bondage gear, fetish wear, orgy/orgies, upskirt*, rape/raped/raping/rapes/rapist*,
    deepfake*, camgirl*, onlyfans, camel toe,
    bare/exposed breast*/buttock*/genital*, bare bottom/butt/ass/bum, bare chested woman/girl,
    without clothes/clothing, without any clothes/clothing, no clothes, wearing nothing,
    taking/takes/took off her/his/their clothes, taking/takes/took her/his/their clothes off,
    in her/his birthday suit, have/has/having sex, oral/anal/group sex, sexual intercourse, sexually explicit,
    sex act*/scene*/toy*/doll*/tape*/slave*, sexual act/acts, adult film*/video*
"""
_NOT_SEXUAL = """
    naked eye*/truth*/soul*/heart*/love/feeling*/fear*/voice*/word*/ambition*/aggression,
    naked tree*/branch*/twig*/bough*/trunk*/forest*/wood*/oak*/birch*/willow*/winter/autumn,
    naked sky/light*/flame*/fire*/bulb*/lamp*/wall*/window*/street*/city,
    naked foot/feet/hand*/face*/wrist*/ankle*/shoulder*,
    naked mountain*/hill*/rock*/stone*/cliff*/earth/ground/soil/field*/garden*,
    naked blade*/sword*/steel/wire*/mole,
    nude pink/tone*/color*/colour*/shade*/lip*/makeup/beige/brown/heel*/shoe*/nail*/polish/palette*/knit*,
    topless bus/buses/car/cars/tower*, paint stripper*, rape flower*/blossom*/field*/seed*, oilseed rape,
    blue/great/coal/willow tits, no clothes on the/a
"""
_MINORS = """
    child/children, kid/kids, minors, toddler*, infant/infants, preschool*, preteen*, tween/tweens,
    teen/teens/teenage*, schoolgirl*/schoolboy*/schoolchild*, underage, juvenile*, kindergart*, prepubescent,
    little/young/small girl/girls/boy/boys, school girl*/boy*, pre teen*, under age, barely legal,
    high/middle/elementary school
"""
_SUGGESTIVE = """
    sexy, sexual*, sensual*, seductive*, seducing, lingerie, panties, thong*, underwear, undies, kinky,
    horny, lewd*, lust/lustful, provocative*, aroused/arousing, voluptuous, busty, cleavage, stripping
"""

RULES = (
    Rule(
        "sexual content with minors",
        "loli/lolis/lolicon*, shota/shotacon*, pedo/pedophil*, paedo/paedophil*, csam, jailbait",
        together=(_MINORS, f"{_SUGGESTIVE}, {_SEXUAL}"),
        spared=f"{_NOT_SEXUAL}, kid gloves/leather, inner child, lust for life",
    ),
    Rule("nudity or sexual content", _SEXUAL, spared=_NOT_SEXUAL),
    Rule(
        "gore",
        """
        gore/gory, decapitat*, behead*, dismember*, disembowel*, eviscerat*, mutilat*, entrails, viscera,
        maimed, cannibal*, necrophil*, guro, bloodbath*, bloodsoaked, gruesome, snuff film*,
        severed/torn head/heads/hand/hands/arm/arms/leg/legs/limb*/finger/fingers,
        headless body/bodies/corpse*,
        cut/chopped/ripped/torn off head/heads/arm/arms/leg/legs/limb*,
        cut/chopped/ripped off his/her/their head/heads,
        skinned/flayed alive, exploding head*, brain matter, exposed/spilled/spilling guts/intestines/organs,
        rotting/decaying/decomposing/mangled body/bodies/corpse*, pile*/heap*/mountain of corpses/bodies,
        pool/pools of blood, covered/soaked/drenched/bathed in blood,
        dripping/splattered/smeared with blood, blood splatter*/spatter*/spray*, blood and guts,
        gushing blood, blood gushing, slit/slitting throat*, slit/slitting his/her/my throat,
        torture scene*, tortured/stabbed/beaten/hacked to death, gouged eye*, gouged out eye*, crushed skull*
        """,
        together=(
            "blood/bloody/bloodied/bloodstained/bleeding",
            "corpse*, carcass*, slaughter*, massacre*, chainsaw*, guts, intestine*, amputat*, impaled/impaling",
        ),
        spared="gore tex, al gore",
    ),
    Rule(
        "hateful symbols",
        """
        swastika*, hakenkreuz, nazi/nazis/nazism, neonazi*, hitler*, third reich, sieg heil, ss runes/bolts,
        totenkopf, sonnenrad, kkk, klansman/klansmen, ku klux klan, blackface, antisemit*, lynching*/lynched,
        white power/pride/supremacy/supremacist*/nationalist*, burning cross/crosses, cross burning/burnings,
        confederate flag*, rising sun flag*/banner*, flag of the rising sun, imperial japanese flag*,
        japanese imperial flag*, imperial japanese army flag*, isis/isil flag*, islamic state flag*,
        flag of isis/isil, hate/hateful symbol*, gas chamber*, racist caricature*/cartoon*, ethnic cleansing
        """,
        spared="white power ranger*/line*/plant*/cable*/outlet*",
    ),
    Rule(
        "self-harm",
        """
        suicide/suicides/suicidal, selfharm, self harm*/mutilation,
        slit/slitting/cut/cutting wrist/wrists, slit/slitting/cut/cutting my/her/his/their wrist/wrists,
        cut/cutting myself/herself/himself/themselves, hang/hanged/hanging myself/herself/himself,
        kill/killed/killing myself/herself/himself, noose around, hanging from a noose
        """,
        spared="suicide squad/squeeze/prevention",
    ),
)

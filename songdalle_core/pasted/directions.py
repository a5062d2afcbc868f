"""What a bracket says: a part of the song ([Verse 1]), a stage direction ([Sound of rain]), or something sung.

Square brackets on a line of their own hold hardly ever what is sung, round ones mostly do. So what stands in
square brackets goes unless it speaks (I, you, a verb's ending); what stands in round ones stays unless each
of its words belongs to the stage.
"""

from __future__ import annotations

import re
from typing import Literal

from songdalle_core.wordsets import word_set

Kind = Literal["part", "direction", "sung"]
"""A part and a repeat mark say nothing to draw; a direction does, where there is nothing else."""

MAX_LENGTH = 80
"""Characters of a bracket that are looked at."""

SECTION = (
    r"(?:(?:pre|post)[ -]?chorus|chorus|verse|refrain|intro|outro|interlude|instrumental"
    r"|(?:프리|포스트)[ -]?코러스|코러스|벌스|후렴구?|간주|전주|후주|인트로|아웃트로|\d{1,2}절)"
)
_FOREIGN_SECTION = (
    r"(?:verso|estribillo|coro|puente|refr[aã]o|ponte|couplet|refrain|pr[eé]-refrain|pont|strophe|strofa"
    r"|ritornello|zwischenspiel|припев|куплет|проигрыш|вступление|бридж"
    r"|(?:ラスト|大|落ち|ラス)?サビ|[ABCD]メロ|間奏|间奏|前奏|後奏|尾奏|副歌|主歌|主歌|导歌|導歌|桥段|橋段"
    r"|独白|獨白|念白|合唱|说唱|說唱)"
)
LOOSE_SECTION = (
    r"(?:(?:dance[ -]?|guitar[ -]?)?(?:break(?:down)?|solo)|hook|bridge|rap|drop|coda|skit"
    r"|ad[ -]?libs?|narration|vamp|part|훅|디?브릿지|디?브리지|[dD][ -]?(?:bridge|브릿지|브리지)|랩|파트|싸비"
    r"|내레이션|나레이션|애드립)"
)
NUMBER = r"(?: ?(?:\d{1,2}|[IVivABC]{1,3}|(?<= )(?:one|two|three|four)))?"
_COUNT = r"(?:[x×*] ?\d{1,2}|\d{1,2} ?[x×]|\d{1,2} ?[번회](?: ?반복)?|\d{1,2} times|twice)"
TIMES = rf"(?: ?\(? ?{_COUNT} ?\)?)"
REPEAT = (
    rf"(?:(?:repeat|rpt\.?)(?: {SECTION}{NUMBER})?{TIMES}?"
    rf"|(?:{SECTION}{NUMBER} ?)?반복{TIMES}?|{_COUNT})"
)
PART = re.compile(
    rf"(?:(?:{SECTION}|{LOOSE_SECTION}|{_FOREIGN_SECTION}){NUMBER}{TIMES}?(?: ?[:,|/-].*)?|{REPEAT})",
    re.IGNORECASE,
)
_PARTS = word_set("""
    verse verses chorus choruses prechorus postchorus bridge intro outro hook refrain interlude instrumental
    breakdown build buildup solo coda skit prelude postlude adlib adlibs vamp reprise turnaround riff drop rap
    section stanza ending end tag pre post break part instrumentals transition opening closing
""")
_LOOSE = word_set("part end tag pre post break drop rap build ending bridge hook opening closing")
_STRONG = (_PARTS - _LOOSE) | word_set("""
    sound sounds sfx fx effect effects noise noises ambience ambient applause cheering cheers laughs laughter
    laughing sighs sighing gasps coughs claps clapping applauding footsteps chirping barking howling rustling
    crackling crackle crackles static whispered whispers whispering spoken narration narrator narrated humming
    hums whistling whistles screams screaming shouting shouts sobbing sobs giggles giggling chuckles chatter
    murmurs murmuring breathes breathing panting groans moans growls yells yelling chanting chants vocal vocals
    vocalist vocalizing vocalization vocalise harmonies backing falsetto acapella cappella orchestral orchestra
    strings synth synths percussion drums bassline bpm tempo crescendo decrescendo diminuendo ritardando fades
    fading fadeout fadein swells intensifies crashing dripping creaking slamming honking beeping buzzing
    fade beatdrop snippet sample samples sampled scratching scratches scatting beatbox beatboxing autotune
    reverb distorted
    muffled pause silence guitar piano violin cello sax saxophone trumpet trombone flute harmonica accordion
    banjo ukulele organ harp keys keyboard turntable orchestra choir melodic melody spoken-word monologue
    sniffles sniffling sneezes exhales inhales yawns speaking speaks speech vocoder talkbox vocalise clinking
    clicks hooting revs whirring
    dialogue voiceover voicemail ringtone inaudible unintelligible indistinct music musical
""")  # fmt: skip
_WEAK = word_set("""
    soft softly gentle gently loud loudly quiet quietly slow slowly fast faster slower emotional epic powerful
    dark bright acoustic electric heavy light big final last first second third double half short long extended
    repeat repeated repeats sung singing sings heavy energetic dreamy haunting intense intimate raw minimal
    melancholic upbeat uplifting soaring anthemic catchy explosive dramatic cinematic atmospheric ethereal
    hopeful nostalgic playful angry sad happy romantic triumphant tender vulnerable passionate aggressive
    building rising falling drops crowd audience stadium kids children male female man woman men women boy girl
    group duet lead background gang call response voice voices deep high low pitched rain wind thunder storm
    ocean sea waves water birds bird heartbeat clock ticking tick bell bells door doors phone ringing rings
    ring car train engine siren sirens city street night vinyl record radio tape rewind needle gun shot shots
    gunshot gunshots glass breaking cat dog baby crying cries horn horns brass bass drum snare kick hihat 808
    808s clap snap snaps beat beats fill roll pad pads arpeggio chords chord lofi jazz rock trap folk house
    fade fades in out stop stops start starts ends continues plays playing enters joins only no down up over
    switch change key tempo half-time measure measures bar bars seconds minor major section key-change
    harmony choir humming whispers whisper scream shout shouts laugh sigh gasp breath hum whistle clapping
    distant thunderous rainfall raindrops crickets frogs wolves crow crows seagulls fire campfire fireplace
    footstep steps knocking knock typing paper page pages wood floor church chapel bells wedding subway
    airport announcement traffic crash explosion explosions fireworks magical mystical sparkle chime chimes
    gong tambourine shaker maracas bongo bongos marimba xylophone celesta mellotron theremin sitar koto
    spanish french korean japanese english latin chinese italian german native language
    gayageum daegeum janggu haegeum synthwave ballad dance pop hiphop
""")  # fmt: skip
_GLUE = word_set(
    "of a an and with by on into from to until till for then & + as like at x feat ft 's the s n"
)
_ROUND_GLUE = _GLUE - {"the", "of"}
_ALONE_IN_ROUND = word_set("""
    instrumental interlude intro outro chorus verse refrain solo hook bridge rap skit coda prechorus adlib
    adlibs narration applause laughter laughs cheering spoken whispered whispering acapella sighs sobs gasps
    coughs
    giggles chuckles screams whispers whistles hums claps vocalizing humming whistling clapping inaudible
    speaking speaks sniffles gunshots exhales inhales clapping
    beatbox breakdown monologue voiceover fadeout reprise music guitar fade fading echoing
""")
_SUNG_IN_ROUND = word_set("drop break stop beat")
_SPEECH = word_set("""
    i i'm i'll i've i'd me my mine myself you you're you'll you've your yours we we're we'll our us he he's him
    she she's her they they're them their it's it don't can't won't didn't isn't ain't am is are was were will
    would could should have has had do did does let let's oh ooh ah yeah hey baby babe la na whoa woah love
    never always please come go going gonna wanna gotta this that these those what who why where when how if
    cause because so tell say know want need feel hold take give make goodbye hello
""")
_SPOKEN_BY = word_set("he she they everyone everybody all both")
_KEYED = re.compile(
    r"(?:mood|genre|style|tempo|bpm|key|instruments?|instrumentation|vocals?|vocal style|voice|energy"
    r"|theme|tags?"
    r"|production|structure|language|texture|dynamics?|emotion|atmosphere|vibe|tone|rhythm"
    r"|time signature|sfx|(?:key|tempo|beat|scene) (?:change|switch)|transition|note|ad-?libs?|lead vocals?"
    r"|sound|sound effects?|effects?|arrangement|singers?|duration|length|scene|setting|ambience|background"
    r"|intensity|mix|delivery|melody|harmony|drums?|bass|guitar|piano"
    r"|분위기|장르|스타일|템포|박자|악기|보컬|음색|효과음?|감정|배경|조성?|키|느낌|연출"
    r"|빠르기|속도|리듬|톤|창법|구성|길이) ?[:=] ?.+",
    re.IGNORECASE,
)
_ROUND_PHRASE = re.compile(
    r"(?:sounds? of|sfx) \w|(?:the )?(?:beat|bass) (?:drops?|kicks in)$|drum beat$|spoken word"
    r"|(?:beat|music) stops$"
    r"|\d(?:st|nd|rd|th) (?:verse|chorus)$"
    r"|(?:key|tempo) change$|beat (?:switch|change)$"
    r"|repeats? (?:and|to|till|until) fade"
    r"|(?:takes a |deep )breaths?$|(?:phone|telephone|doorbell|bells?|thunder|doors?|crowd|audience|clock"
    r"|sirens?|birds?|wind|dogs?|waves) (?:rings?|ringing|rumbl(?:es|ing)|slams?|closes?|opens?|cheers?"
    r"|tick(?:s|ing)|wail(?:s|ing)|sing(?:s|ing)|chirp(?:s|ing)|blow(?:s|ing)|howl(?:s|ing)|bark(?:s|ing)|crash(?:es|ing))$"
)
_ENDS = word_set("END FIN 끝")
_WORD = re.compile(r"[a-z0-9&+'-]+|[가-힣]+")
_HANGUL = re.compile("[가-힣]")

_KOREAN_PART = (
    r"(?:간주|전주|후주|반주|인트로|아웃트로|인터루드|벌스|(?:프리|포스트)?코러스|후렴구?|훅|브릿지"
    r"|브리지|랩|내레이션"
    r"|나레이션|애드립|애드리브|솔로|\d{1,2}절|엔딩|도입부|하이라이트|클라이맥스|끝|노래|댄스브레이크|브레이크|떼창|연주"
    r"|간주곡|싸비|사비)"
)
_KOREAN_TAIL = (
    r"(?:중|부분|파트|구간|시작|끝|점프|(?:과|와)?동일|(?:과|와)같음|생략|반복|계속|솔로|연주|연주중|합창|다시|x\d{1,2}|\d{1,2}x|[×*]\d{1,2}"
    r"|\d{1,2}(?:마디|번|회|절|초)(?:반복)?|같이|다같이|[ABC]|\d{1,2})"
)
_KOREAN_PARTS = re.compile(
    rf"(?:기타|피아노|드럼|바이올린|색소폰|일렉|베이스|신스|긴|짧은|마지막|첫|둘째|조용한|강렬한"
    rf"|감성적인|감정적인|폭발적인|웅장한"
    rf"|잔잔한|신나는|슬픈|느린|빠른|다시|반복)?(?:{_KOREAN_PART}(?:및|와|과"
    rf"|[/,&+~-])?){{1,3}}{_KOREAN_TAIL}{{0,3}}[:.]?"
)
_KOREAN_TOGETHER = re.compile(
    r"(?:자 ?)?(?:다시 ?(?:한 ?번)? ?)?(?:다 ?같이|다 ?함께|모두 ?(?:함께|같이|다 ?같이))"
    r"|(?:박수|손뼉)(?:을|를)? ?치(?:며|면서|고)|(?:위|앞)(?:와|과) ?(?:동일|같[음이])(?: ?반복)?|상동"
)
_KOREAN_SOUND = re.compile(
    r".*(?<!목)(?:소리|효과음|배경음악?|신호음|연주|독주|합주|반복|박수|환호성?|함성|웃음|울음|한숨"
    r"|휘파람|허밍|비명"
    r"|사운드|음향|솔로|생략|떼창|속삭임|중얼거림|흐느낌|대사|독백|침묵|정적|묵음|페이드 ?(?:인|아웃)"
    r"|음악|멜로디)(?:만|들)?"
)
_KOREAN_MANNER = re.compile(
    r"(?:[가-힣]+[게히이] ?)?(?:속삭이듯이?|속삭이며|속삭이면서|속삭임|웃으며|웃으면서|울먹이며"
    r"|흐느끼며|외치듯|외치며|말하듯"
    r"|읊조리듯|노래하듯|소리치며|점점 ?(?:[가-힣]+게)|조용히|부드럽게|강하게|잔잔하게|힘차게|작게|크게"
    r"|느리게|빠르게"
    r"|신나게|슬프게|애절하게|담담하게|여리게|세게|절규하듯|흥얼거리며)"
)
_KOREAN_ADVERB = re.compile(r".*(?:[하롭]게|스럽게|담아서?|실어서?|듯이?|하며|으며|면서)")
_KOREAN_SPEAKS = re.compile(
    r"(?:다|요|까|네|죠|지|어|아|해|줘|봐|래|게|고|면|니|자|야|라|걸|데|서|도|로|만|는|은|를|을|에"
    r"|의|지 ?마)[?!.~… ]*$"
)
_KOREAN_ADDRESS = re.compile(
    r"(?:^| )(?:너|나|우리|그대|당신|내|네|니|그|이|저)(?:[는은를의가와도] ?| |$)"
)
_NAMES = re.compile(r"[^\s,/&+]{1,5}(?: ?[,/&+] ?[^\s,/&+]{1,5})+")
_KOREAN_INSTRUMENT = re.compile(
    r".*(?:오케스트라|피아노|기타|드럼|바이올린|첼로|스트링|보컬|코러스|합창단|아카펠라|무반주|체인지|스위치|전환|브[릿리]지|고조|드[랍롭]|비트|베이스|신스|브라스"
    r"|색소폰|플루트"
    r"|하모니카|가야금|해금|대금|장구|북소리|목소리|래퍼|템포|리듬|톤|버전)"
)
_SHORT_SPEAKS = re.compile(r"[가-힣]+(?:해|요|줘|봐|다|까|네)[?!.~… ]*")
_SHORT, _MANY_WORDS, _SHORT_FOREIGN = 3, 5, 6


def kind_of(content: str, *, square: bool) -> Kind:
    """What a bracket's folded content is.

    Args:
        content: without the bracket.
        square: [] or {}, not ().
    """
    content = " ".join(content.split()).strip(" .…!~*-\u266a\u266b")
    if len(content) > MAX_LENGTH:
        return "sung"
    if not content:
        return "part" if square else "sung"
    if not square and content.lower() in _SUNG_IN_ROUND:
        return "sung"
    if PART.fullmatch(content) or _KOREAN_PARTS.fullmatch(content.replace(" ", "")):
        return "part"
    if _KEYED.fullmatch(content) or content in _ENDS:
        return "direction"
    if _HANGUL.search(content):
        return _korean_kind(content, square)
    return _english_kind(content.lower(), square)


def _english_kind(content: str, square: bool) -> Kind:
    words = _WORD.findall(content.replace("-", " "))
    if not words:
        return (
            "direction"
            if square and (content.isascii() or len(content) <= _SHORT_FOREIGN)
            else "sung"
        )
    staged = [word for word in words if word in _STRONG or word in _WEAK or word in _PARTS]
    strong = [word for word in words if word in _STRONG]
    glue = _GLUE if square or content.startswith(("sound of", "sounds of")) else _ROUND_GLUE
    if all(word in staged or word in glue or word.isdigit() for word in words):
        if len(words) == 1 and not square:
            return "direction" if words[0] in _ALONE_IN_ROUND else "sung"
        if strong or (square and staged):
            return "part" if _PARTS.intersection(words) else "direction"
    if not square:
        return "direction" if _ROUND_PHRASE.match(content) else "sung"
    speaks = [word for word in words if word in _SPEECH]
    if strong and all(word in _SPOKEN_BY for word in speaks) and len(words) <= 2 * _MANY_WORDS:
        return "part" if _PARTS.intersection(strong) else "direction"
    if _PARTS.intersection(words) and not speaks:
        return "part"
    return "sung" if speaks or len(words) > _MANY_WORDS else "direction"


def _korean_kind(content: str, square: bool) -> Kind:
    if not square and _KOREAN_ADDRESS.search(content):
        return "sung"
    if (
        _KOREAN_TOGETHER.fullmatch(content)
        or _KOREAN_SOUND.fullmatch(content)
        or _KOREAN_MANNER.fullmatch(content)
    ):
        return "direction"
    words = content.split()
    if not square:
        return "sung"
    if len(words) > _MANY_WORDS:
        return "sung"
    if _KOREAN_INSTRUMENT.fullmatch(content) or _KOREAN_ADVERB.fullmatch(content):
        return "direction"
    if len(words) == 1 and len(content) <= _SHORT:
        return "sung" if _SHORT_SPEAKS.fullmatch(content) else "direction"
    if _NAMES.fullmatch(content):
        return "direction"
    return "sung" if _KOREAN_SPEAKS.search(content) else "direction"

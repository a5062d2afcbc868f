"""The words captions are made of: places, times, weathers, and what songs say that no picture shows."""

from __future__ import annotations

STYLE_WORDS: dict[str, tuple[str, ...]] = {
    "painting": ("painting", "painting", "painting", "painting", "oil painting"),
    "watercolour": ("watercolor", "watercolour", "watercolor painting", "watercolour painting"),
    "picture": ("picture", "picture", "image", "illustration"),
    "album art": ("album cover", "album art", "album cover", "record cover", "cover"),
    "pencil sketch": ("pencil sketch", "sketch", "drawing", "pencil drawing"),
    "pixel art": ("pixel art", "pixel art", "pixel art picture"),
    "poster": ("poster", "poster", "graphic poster", "screen print"),
    "lino cut": ("lino cut", "linocut", "woodcut", "lino print", "block print"),
    "risograph": ("risograph", "riso print", "risograph print"),
    "neon": ("neon sign", "neon", "neon drawing", "neon art"),
    "collage": ("collage", "paper collage", "paper cut", "papercut"),
    "photograph": ("photograph", "photo", "film photograph", "polaroid", "analogue photograph"),
}

# where a subject is
PLACES: dict[str, tuple[str, ...]] = {
    "sky": (
        "in the sky", "in the blue sky", "above the clouds", "up in the air", "over a blue sky",
        "high in the sky", "on the clouds", "in the open sky", "under the sky",
    ),
    "sea": (
        "on the sea", "over the sea", "in the ocean", "on the waves", "on a blue sea",
        "on the water", "across the sea", "in the deep sea", "out at sea",
    ),
    "shore": (
        "on the beach", "by the sea", "on the shore", "at the seaside", "on a summer beach",
        "along the beach", "in front of the sea", "on the sandy shore", "on the sand of the beach",
    ),
    "river": (
        "by the river", "on the river", "along the river", "by the stream", "at the riverside",
        "on the river bank", "in the flowing river", "over the river",
    ),
    "lake": (
        "by the lake", "on the lake", "at the lake", "by the pond", "on the quiet lake",
        "at the lake shore", "over the lake",
    ),
    "field": (
        "in a field", "on a hill", "in the meadow", "on the grass", "on a green field",
        "over the hills", "on the lawn",
    ),
    "flower field": (
        "in a flower field", "among flowers", "among the blossoms", "in a field of flowers",
    ),
    "forest": (
        "in the forest", "in the woods", "among the trees", "on a forest path", "deep in the forest",
        "in the jungle", "in a dark forest",
    ),
    "mountains": (
        "in the mountains", "by the mountain", "under the mountains", "on the mountain top",
        "on the mountain road", "over the mountains", "at the foot of the mountain",
    ),
    "desert": (
        "in the desert", "on the sand", "across the desert", "on the sand dunes",
        "in the wasteland", "in the dry desert",
    ),
    "snow": (
        "in the snow", "on a snowy field", "in winter", "on a snowy road", "on white snow",
        "on a winter day", "in the snow field", "on the snowy hill",
    ),
    "village": (
        "in the village", "in the countryside", "in a small town", "in my hometown",
        "in the neighborhood", "at the edge of town", "in the old village", "by the houses",
    ),
    "city": (
        "in the city", "over the city", "among the buildings", "downtown", "above the city lights",
        "in seoul city", "between the skyscrapers", "in the crowded city",
    ),
    "street": (
        "on the street", "on the way home", "at the crossroads", "under the street lamp",
        "on the sidewalk", "in the city street", "on the pavement",
    ),
    "room": (
        "in a room", "at home", "inside the house", "in an empty room", "in my room",
        "in the kitchen", "on the table", "on the floor", "in the corner of a room",
    ),
    "window": (
        "by the window", "by a window", "outside the window", "at the window", "on the windowsill",
        "behind the curtain", "outside the windows", "in front of the window",
    ),
    "stage": (
        "on the stage", "under the spotlight", "at a concert", "under the stage lights",
        "in the theater", "in front of the crowd",
    ),
    "space": (
        "in space", "in the universe", "among the stars", "in the galaxy", "in the dark space",
        "in outer space", "in the milky way",
    ),
    "underwater": (
        "under the sea", "underwater", "at the bottom of the sea", "beneath the waves", "deep under the water",
        "among the corals",
    ),
    "harbour": (
        "in the harbour", "at the harbor", "by the lighthouse", "at the pier", "on the dock", "at the port",
        "on the quay",
    ),
    "island": ("on an island", "on a desert island", "on the cliff", "on a lonely island", "at the cliff"),
    "bridge": ("on the bridge", "under the bridge", "by the bridge", "across the bridge", "over the bridge"),
    "alley": (
        "in the alley", "in a back alley", "in a narrow alley", "up the stairs of the alley",
        "in the dark alley",
    ),
    "road": (
        "on the road", "along the road", "on a distant road", "on the highway", "on the road home",
        "on a long road", "along a winding road", "on a country road", "along a road",
    ),
    "railway": (
        "on the railway", "at the station", "on the platform", "by the tracks", "along the railway",
        "at the train station", "on the railroad tracks",
    ),
    "rooftop": ("on the rooftop", "on a roof", "over the roofs", "on the roof top", "on the balcony"),
    "temple yard": ("at the temple", "in the temple yard", "at the shrine", "in the palace yard"),
    "garden": (
        "in the garden", "in a garden", "in a spring garden", "in the flower garden", "on a flower path",
        "through the garden gate",
    ),
    "park": (
        "in the park", "on a bench", "on a park bench", "in an autumn park", "under the park lamp",
        "on the playground",
    ),
    "amusement park": (
        "at the amusement park", "at the fair", "at the carnival", "by the ferris wheel", "at the funfair",
    ),
    "cafe": ("in a cafe", "at the cafe", "in a coffee shop", "in a bar", "at the counter", "in a restaurant"),
    "bedroom": ("in the bedroom", "in bed", "on the bed", "on my bed", "under the blanket"),
    "library": ("in the library", "among the books", "in a bookshop", "by the bookshelf", "in the bookstore"),
}  # fmt: skip

# what a setting without a subject is called
SCENERY: dict[str, tuple[str, ...]] = {
    "sky": ("the sky", "a blue sky", "an empty sky", "the open sky", "sky"),
    "sea": ("the sea", "a sea", "the ocean", "a quiet sea", "the deep blue sea", "the horizon of the sea"),
    "shore": ("the shore", "a beach", "the beach", "a sandy shore", "the seaside", "a summer beach"),
    "river": ("a river", "the river", "a stream", "the han river", "a flowing river", "the riverside"),
    "lake": ("a lake", "the lake", "a quiet lake", "a pond", "the lake shore"),
    "field": ("a field", "a green field", "a hill", "a meadow", "a grassy field"),
    "flower field": ("a flower field", "a field of flowers", "a flower meadow"),
    "forest": ("a forest", "the woods", "a forest path", "a deep forest", "a jungle", "a dark forest"),
    "mountains": ("the mountains", "mountains", "a mountain valley", "a mountain ridge", "the snowy mountains"),
    "desert": ("a desert", "the desert", "a sand dune", "a wasteland", "an endless desert"),
    "snow": ("a snow field", "a winter landscape", "a snowy landscape", "a snowy road", "winter"),
    "village": ("a village", "the old village", "a small town", "my hometown", "a countryside village"),
    "city": ("the city", "a city", "city lights", "the city night view", "downtown seoul", "a big city"),
    "street": ("a street", "an empty street", "the street", "a city street"),
    "room": ("a room", "an empty room", "my room", "a small room", "a living room"),
    "window": ("a view outside the window", "the view from the window", "an open view by the window"),
    "stage": ("a stage", "an empty stage", "the stage", "a concert stage", "stage lights"),
    "space": ("space", "the universe", "a galaxy", "the dark space", "the milky way"),
    "underwater": ("the bottom of the sea", "the deep sea", "a coral reef"),
    "harbour": ("a harbour", "the harbor", "a port", "a pier", "a lighthouse"),
    "island": ("an island", "a desert island", "a cliff"),
    "bridge": ("a bridge", "the bridge", "an old bridge"),
    "alley": ("an alley", "a back alley", "a narrow alley"),
    "road": ("a road", "a long road", "the road home", "a highway", "the road"),
    "railway": ("a railway", "a station", "the tracks", "a platform", "a train station"),
    "rooftop": ("a rooftop", "the roofs", "a roof"),
    "temple yard": ("a temple", "a palace", "a temple yard"),
    "garden": ("a garden", "the garden", "a flower garden", "a spring garden"),
    "park": ("a park", "the park", "a park bench", "an autumn park"),
    "amusement park": ("an amusement park", "a fair", "a carnival"),
    "cafe": ("a cafe", "a coffee shop", "a bar"),
    "bedroom": ("a bedroom", "my bedroom", "a bed"),
    "library": ("a library", "a bookshop", "a bookstore"),
}  # fmt: skip

TIMES: dict[str, tuple[str, ...]] = {
    "dawn": (
        "at dawn", "in the morning", "in the early morning", "in the morning light", "at sunrise",
        "in a spring morning", "in the pink dawn",
    ),
    "noon": (
        "at noon", "in the afternoon", "on a sunny day", "in summer", "in warm sunlight",
        "in the sunlight", "on a clear day", "in the daytime", "in bright sunshine",
    ),
    "golden hour": (
        "at sunset", "in the sunset", "in the golden light", "in the sunset glow", "in golden hour",
        "in the setting sun", "in the evening glow",
    ),
    "dusk": (
        "at dusk", "in the evening", "in the twilight", "in the purple evening", "after sunset",
        "in the early evening", "at nightfall",
    ),
    "night": (
        "at night", "in the dark", "in the dark night", "at midnight", "in the night",
        "through the night", "in the moonlight", "one night", "tonight", "in the moonlit night",
        "in a long night",
    ),
    "starry": (
        "on a starry night", "under the stars", "in the starlight", "in the starry night",
        "on a night full of stars", "under the night sky", "under a sky of stars",
    ),
    "overcast": (
        "on a cloudy day", "under a cloudy sky", "under a gray sky", "on a gray day",
        "under dark clouds", "in dim light",
    ),
    "neon": (
        "under neon lights", "in the neon light", "in neon", "under the neon sign",
        "in the neon night", "in pink and blue neon",
    ),
}  # fmt: skip

FALLING: dict[str, tuple[str, ...]] = {
    "rain": (
        "in the rain", "with rain falling", "on a rainy day", "with falling rain", "in heavy rain",
        "under the pouring rain", "in the drizzle", "and rain is falling", "in a rain shower",
    ),
    "snow": (
        "with snow falling", "in falling snow", "on a snowy day", "with falling white snow",
        "and snow is falling", "in the first snow", "in a snowstorm", "as snow falls",
    ),
    "fog": ("in the fog", "in a thick fog", "in the mist", "on a foggy day", "with gathering fog"),
    "wind": ("in the wind", "with the wind blowing", "on a windy day", "in the breeze", "in a spring breeze"),
    "fireworks": (
        "with fireworks", "under the fireworks", "and fireworks", "with fireworks bursting",
        "on a festival night with fireworks",
    ),
    "petals": (
        "with petals falling", "in falling petals", "with cherry blossoms falling",
        "in a rain of petals", "as cherry blossoms scatter", "with flower petals in the wind",
    ),
}  # fmt: skip

# words that songs put around a subject and that change nothing one could paint here
ADJECTIVES = (
    "pretty", "beautiful", "little", "lonely", "small", "old", "sweet", "warm", "cold", "quiet",
    "silent", "sad", "happy", "lost", "bright", "shining", "soft", "lovely", "cute", "dear",
    "young", "deep", "tired", "precious", "big", "new", "long", "distant", "dazzling", "lone",
    "wet", "sleepy", "trembling", "worn old", "last", "first", "gentle", "hidden", "clear", "endless",
)  # fmt: skip
ACTIONS = (
    "flying", "dancing", "walking", "waiting", "falling", "running", "shining", "floating",
    "standing", "singing", "leaving", "smiling", "crying", "sleeping", "drifting", "burning",
    "rising", "sitting", "flying away", "dozing", "blooming", "sinking", "passing by", "swaying",
    "looking at you", "coming", "disappearing", "turning", "calling me", "trembling", "left behind",
    "shining and falling", "closing eyes", "breathing", "melting", "lying down", "coming closer",
    "placed", "left alone", "hidden", "thrown away", "playing", "swinging", "cutting through the air",
    "on fire", "fallen", "lost and found", "getting wet", "growing", "printed", "crawling",
    "picking something", "chasing",
    "missing you", "waiting for you", "spinning", "blinking", "knocking", "humming a song",
    "sitting and dozing", "running along", "ringing", "yawning", "forgetting", "staying alone",
)  # fmt: skip
FRAMES = (
    "a dream of {}", "memories of {}", "the story of {}", "love and {}", "{} and a dream", "{} and you",
    "{} and memories", "you and {}", "a promise of {}", "waiting for {}", "holding {}",
    "holding {} on the hands", "i gave you {}", "looking at {}", "standing and holding {}", "like {}",
    "a pretty dream of {}", "a dream and {}", "the time of {}", "{} of a friend", "dancing with {}",
    "only {} left", "leaving me with {}", "walking and thinking of {}", "a song of {}", "you are {}",
    "we are {}", "drawing {}", "closing eyes, {}", "hiding {}", "{} like a friend", "with {}",
    "come back with {}", "i remember {}", "you left me with {}", "giving {} to you",
    "{} of mine", "oh, {}", "my {n}", "your {n}", "our {n}", "missing {}", "{} and a long road",
    "finding {}", "carrying {}", "{} and goodbye", "touching {}", "{} in the memory", "dreaming of {}",
    "riding {}", "holding up {}", "raising {}", "hugging {}", "throwing {}", "gazing at {}", "looking for {}",
    "standing on {}", "standing in front of {}", "running like {}", "walking like {}", "running on {}",
    "sitting on {}", "sitting beside {}", "pulling {}", "opening {}", "wearing {}", "listening to {}",
    "eating {}", "drinking {}", "burning {}", "chasing {}", "following {}", "leaving on {}", "kicking {}",
    "{} in the hands", "a person with {}", "a child and {}", "there is {}", "and only {}", "{} placed there",
    "holding {} and standing", "waking {}", "riding {} and singing", "drinking and {}", "an empty {n}",
)  # fmt: skip
# what a line says before it comes to the subject, with nothing in it that one could paint
CLAUSES = (
    "i never said a word", "you know it is over now", "hold on to me", "we were so young", "let it go",
    "i will be there for you", "nobody ever told me", "tell me that you stay", "i gave it all away",
    "one more time with you", "we can not stop now", "do not be afraid", "say my name again",
    "it is all that i have", "i am ready for this", "you and i together", "sing it louder", "come on everybody",
    "someone is watching me", "i can not sleep anymore", "they said it was impossible", "here we go again",
    "nothing lasts forever", "it hurts but i am fine", "all that is left of us", "i am on my way",
    "slowly and softly", "oh how i miss you", "we have nothing to lose", "everything is all right",
    "i count the days without you", "once upon a time", "raise your voice", "can you hear me calling",
    "no one can take it from me", "i will find my way", "it was only yesterday", "close your eyes and listen",
    "what are you waiting for", "this is how it ends", "i was wrong about you", "we go on and on",
)  # fmt: skip
# the same as a gloss of Korean puts it
OPENERS = (
    "darkness", "a heart beating", "a heart running", "footsteps", "a voice calling",
    "holding hands and running", "a little one", "time passing", "a breath", "a body trembling", "silence",
    "a long wait",
    "shouting", "clapping hands", "raising a fist", "sleep", "a farewell",
    "breath stopping", "a promise", "a day passing", "a memory", "summer", "a birthday",
    "a whisper", "a long road", "a story ending", "a word", "loneliness", "a sigh", "an ear listening",
)  # fmt: skip
TAILS = (
    "and a dream", "and the wind", "and you", "without a word", "like a dream", "with a friend",
    "like the first day", "to the end of the world", "again and again", "for a long time",
    "in the memory", "and a quiet song", "with a smile", "and nobody knows", "with a secret",
    "and we are young", "like a movie", "without you", "in my heart", "and time flowing",
)  # fmt: skip
# what songs name beside the subject, too far from it to be drawn
ASIDES = (
    "footprints", "a letter", "the moon", "a friend", "a shadow", "a star", "flowers", "an umbrella",
    "a song", "a train", "a hand", "tears", "a smile", "a photo",
    "a bird", "a candle", "a cup of coffee", "a clock", "a door", "a heart", "a tree", "waves", "a kite",
    "a book", "a guitar", "my mother", "a bell", "a ring", "a boat", "a cat", "a balloon", "a rose",
)  # fmt: skip
TOGETHER = ("{} and {}", "{} and {}", "{} with {}", "{} beside {}", "{} next to {}")
MASS = (
    "love", "music", "snow", "sunlight", "sunshine", "moonlight", "starlight", "candlelight",
    "death", "hair", "honey", "milk", "coffee", "bread", "rice", "money", "grass", "lightning",
    "ice", "laughter", "romance", "affection", "sunrise", "jazz", "disco", "makeup", "luggage",
    "denim", "fire", "time", "popcorn", "beer", "wine", "tea", "chocolate", "mail",
    "thunder", "frost", "dew", "surf", "driving", "magic", "glitter", "power", "smoke",
    "people", "children", "food", "gold", "silver", "water", "jewelry", "waiting", "autumn", "graffiti",
    "armor", "bamboo", "ivy", "wheat", "barley", "soap", "foam", "laundry", "electricity", "opera", "shade",
    "archery", "gambling", "treasure", "barefoot", "soda", "juice", "lemonade", "liquor", "whisky",
    "champagne", "tequila", "soju", "pasta", "spaghetti", "applause", "rage", "skating",
    "ballet", "soup", "christmas", "halloween", "karaoke", "football",
)  # fmt: skip
SINGULAR_S = (
    "kiss", "dress", "glass", "compass", "bus", "christmas", "cross", "circus", "octopus", "grass",
    "hourglass", "lotus", "santa claus", "canvas", "lens",
)  # fmt: skip

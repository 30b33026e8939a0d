"""The words of the starter model: which pictures have which name, and the words kept out of every caption.

What belongs here: plain word lists and their lookups. What does not: pictures, sentences (``scenes``).
"""

from __future__ import annotations

# Each entry is a name as people type it, or "name = emojibase label" where the two differ. These are
# drawn most of the time in training, because people type them first; the rest of the set follows.
_COMMON = """
cat = cat face; dog = dog face; fox; lion; tiger = tiger face; bear; panda; koala; rabbit = rabbit face
mouse = mouse face; pig = pig face; cow = cow face; horse = horse face; unicorn; monkey = monkey face; elephant
wolf; frog; penguin; chicken; chick = front-facing baby chick; duck; owl; eagle; turtle; snake
dragon = dragon face; dinosaur = T-Rex; whale = spouting whale; dolphin; fish; tropical fish; shark; octopus
crab; butterfly; bee = honeybee; ladybug = lady beetle; snail; spider; giraffe; zebra; parrot; flamingo; raccoon
hedgehog; polar bear; hamster; bird; rose; sunflower; tulip; tree = deciduous tree; palm tree
pine tree = evergreen tree; cactus; mushroom; cherry blossom; clover = four leaf clover; maple leaf
flower = blossom; apple = red apple; green apple; banana; orange = tangerine; lemon; strawberry; watermelon
grapes; pineapple; cherries; peach; pear; tomato; carrot; corn = ear of corn; avocado; eggplant; broccoli; bread
croissant; cheese = cheese wedge; egg; fried egg = cooking; hamburger; french fries; pizza; hot dog; taco; sushi
popcorn; ice cream = soft ice cream; donut = doughnut; cookie; birthday cake; cake = shortcake; cupcake
chocolate bar; candy; lollipop; coffee = hot beverage; wine glass; beer = beer mug; teapot; sandwich; pancakes
car = automobile; bus; taxi; police car; ambulance; fire truck = fire engine; truck = delivery truck; tractor
race car = racing car; motorcycle; bicycle; train = locomotive; airplane; helicopter; rocket
ufo = flying saucer; sailboat; ship; house; castle; church; tent; mountain = snow-capped mountain; volcano
hospital; school; ferris wheel; fountain; island = desert island; balloon; sun; moon = crescent moon; star
cloud; rainbow; planet = ringed planet; snowman = snowman without snow; snowflake; fire
umbrella = umbrella with rain drops; lightning = high voltage; earth = globe showing Americas
full moon = full moon face; heart = red heart; broken heart; robot; ghost; alien; skull
pumpkin = jack-o-lantern; christmas tree = Christmas tree; gift = wrapped gift; trophy; medal = sports medal
soccer ball; basketball; baseball; tennis ball = tennis; football = american football; teddy bear; guitar
piano = musical keyboard; violin; drum; trumpet; camera; television; laptop; phone = mobile phone; telephone
book = closed book; books; pencil; paintbrush; scissors; key; hammer; sword = dagger; bomb; crown; ring
diamond = gem stone; glasses; sunglasses; hat = top hat; shirt = t-shirt; dress; jeans; shoe = running shoe
backpack; clock = alarm clock; hourglass = hourglass not done; light bulb; candle; bell; magnet; lock = locked
money bag; envelope; magic wand; crystal ball; chair; bed; door; anchor; kite; puzzle piece; dice = game die
bone; brain; eye; poop = pile of poo; bow = ribbon; treasure map = world map
smiling face = smiling face with smiling eyes; laughing face = face with tears of joy
crying face = loudly crying face; angry face = enraged face; love face = smiling face with heart-eyes
cool face = smiling face with sunglasses; winking face; thinking face; sleeping face; clown = clown face
party face = partying face; cowboy = cowboy hat face; devil = smiling face with horns
angel = smiling face with halo; baby; boy; girl; man; woman; astronaut; santa = Santa Claus; ninja; mermaid
fairy; vampire; princess; wizard = mage; superhero
"""

# The first words that people try, by name in the list above: shown most of all, so that these come out right first.
_FAVOURITES = """
cat; dog; fox; bear; panda; penguin; frog; fish; butterfly; bee; tree; mushroom; sunflower; rose; cactus; apple; banana
orange; lemon; strawberry; watermelon; pizza; donut; ice cream; egg; sun; moon; star; cloud; rainbow; snowman; heart
robot; ghost; pumpkin; balloon; gift; basketball; smiling face; crown; car; bus; rocket; house; umbrella; sailboat
"""

# Words that stand in no caption, and the name whose picture they must give: what a sentence encoder is for.
_SYNONYMS = """
puppy = dog; hound = dog; kitten = cat; kitty = cat; bunny = rabbit; hare = rabbit; piglet = pig; hog = pig
calf = cow; cattle = cow; pony = horse; stallion = horse; ape = monkey; chimpanzee = monkey; toad = frog
hen = chicken; duckling = duck; tortoise = turtle; serpent = snake; viper = snake; cobra = snake
tyrannosaurus = dinosaur; trout = fish; salmon = fish; bumblebee = bee; wasp = bee; tarantula = spider
macaw = parrot; grizzly = bear; tigress = tiger; lioness = lion; automobile = car; sedan = car; vehicle = car
coach = bus; cab = taxi; lorry = truck; van = truck; motorbike = motorcycle; bike = bicycle; cycle = bicycle
plane = airplane; jet = airplane; aeroplane = airplane; chopper = helicopter; spaceship = rocket
spacecraft = rocket; yacht = sailboat; steamboat = ship; home = house; cottage = house; cabin = house
fortress = castle; palace = castle; chapel = church; cathedral = church; mount = mountain; clinic = hospital
oak = tree; fir = pine tree; spruce = pine tree; conifer = pine tree; fungus = mushroom; toadstool = mushroom
daisy = flower; maize = corn; aubergine = eggplant; burger = hamburger; cheeseburger = hamburger
chips = french fries; doughnut = donut; biscuit = cookie; espresso = coffee; latte = coffee; ale = beer
lager = beer; gelato = ice cream; sunshine = sun; lunar = moon; thundercloud = cloud; flame = fire; blaze = fire
android = robot; spirit = ghost; phantom = ghost; extraterrestrial = alien; present = gift; violinist = violin
television set = television; notebook computer = laptop; smartphone = phone; cellphone = phone; novel = book
textbook = book; eyeglasses = glasses; spectacles = glasses; sneaker = shoe; gemstone = diamond; padlock = lock
loaf = bread; infant = baby; toddler = baby; chalet = house; sorcerer = wizard; lamp = light bulb
rucksack = backpack; tiara = crown
"""

COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (220, 40, 45),
    "orange": (245, 140, 35),
    "yellow": (250, 215, 60),
    "green": (60, 165, 75),
    "light green": (170, 225, 140),
    "blue": (45, 100, 215),
    "light blue": (150, 205, 250),
    "dark blue": (15, 30, 90),
    "purple": (130, 70, 190),
    "pink": (250, 150, 190),
    "brown": (125, 80, 50),
    "grey": (150, 150, 155),
    "black": (18, 18, 22),
    "white": (255, 255, 255),
}

# Colours that an object can be painted in; the light and dark shades are for backgrounds.
PAINT = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "grey", "black", "white")


def common_names() -> dict[str, str]:
    """Return name → emojibase label of the nouns that are drawn most."""
    return _parse_pairs(_COMMON)


def favourite_names() -> frozenset[str]:
    """Return the names, all of them common ones, that are drawn most of all."""
    return frozenset(_parse_pairs(_FAVOURITES))


def synonyms() -> dict[str, str]:
    """Return held-out word → name of the picture that it must give."""
    return _parse_pairs(_SYNONYMS)


def with_article(noun: str) -> str:
    """Put "a" or "an" before a noun that is counted; a plural keeps none."""
    if is_plural(noun):
        return noun
    return f"{'an' if noun[0].lower() in 'aeio' or noun == 'umbrella' else 'a'} {noun}"


def to_plural(noun: str) -> str:
    """Return the English plural of a noun, by rule and a few exceptions."""
    head, _, last = noun.rpartition(" ")
    irregular = {"fish": "fish", "mouse": "mice", "wolf": "wolves", "leaf": "leaves"}
    if last.endswith("man"):
        plural = last[:-3] + "men"
    elif is_plural(noun) or last in ("popcorn", "broccoli", "sushi", "bread", "corn", "dice"):
        plural = last
    elif last in irregular:
        plural = irregular[last]
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        plural = last + "es"
    elif last.endswith("y") and last[-2] not in "aeiou":
        plural = last[:-1] + "ies"
    else:
        plural = last + "s"
    return f"{head} {plural}".strip()


def is_plural(noun: str) -> bool:
    """Tell whether a name is already a plural ("french fries")."""
    last = noun.split()[-1]
    return last in ("grapes", "cherries", "fries", "pancakes", "books", "glasses", "sunglasses", "jeans", "scissors")


def _parse_pairs(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for entry in text.replace("\n", ";").split(";"):
        name, _, label = entry.partition("=")
        if name.strip():
            pairs[name.strip()] = label.strip() or name.strip()
    return pairs

"""Plain words for what the motif model was taught."""

from __future__ import annotations

SYNONYMS = {
    word: subject
    for subject, words in {
        "dragon": "wyrm drake wyvern", "snake": "python cobra viper adder boa anaconda asp serpent", "horse": "mare stallion colt foal pony steed mustang",
        "deer": "doe fawn buck reindeer elk moose", "bull": "ox steer bison yak bullock", "cat": "kitten tomcat tabby", "hound": "puppy greyhound terrier spaniel",
        "fox": "vixen", "lion": "lioness", "tiger": "tigress", "ram": "ewe sheep lamb", "rabbit": "hare bunny", "bear": "grizzly", "rooster": "cockerel hen",
        "bird": "robin wren thrush finch canary lark starling swallow", "eagle": "falcon hawk kite osprey", "fish": "trout carp goldfish herring cod tuna perch pike",
        "shell": "clam mussel cockle oyster conch whelk", "octopus": "squid kraken cuttlefish", "crab": "lobster crayfish", "whale": "orca", "frog": "toad",
        "gecko": "lizard newt chameleon", "turtle": "terrapin", "bee": "wasp bumblebee hornet", "butterfly": "moth", "scarab": "beetle",
        "mushroom": "toadstool fungus", "flower": "tulip marigold daffodil carnation primrose chrysanthemum", "leaf": "frond", "tree": "spruce fir elm willow birch",
        "fruit": "plum peach fig apricot", "mountain": "peak summit", "ship": "galleon frigate schooner", "crown": "diadem coronet", "cross": "crucifix",
        "spiral": "vortex whirl", "sun": "sunshine sunburst", "cloud": "mist", "flame": "blaze", "diamond": "gem", "skull": "cranium",
    }.items()
    for word in words.split()
}  # fmt: skip
"""Plain words that the table of vectors puts elsewhere or does not hold (a python is a language there), and the taught subject each means."""

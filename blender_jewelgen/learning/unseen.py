"""Words for measuring that are in no caption, each with the subjects that would be right."""

from __future__ import annotations

ENGLISH = {
    "python": "snake", "mare": "horse", "pony": "horse", "doe": "deer", "ox": "bull", "trout": "fish", "goldfish": "fish", "robin": "bird",
    "falcon": "eagle|bird", "marigold": "flower", "sunshine": "sun", "peak": "mountain", "galleon": "ship", "fungus": "mushroom",
    "toadstool": "mushroom", "wyrm": "dragon", "puppy": "hound", "steed": "horse", "steer": "bull", "cockerel": "rooster",
    "moth": "butterfly", "vortex": "spiral", "clam": "shell", "crucifix": "cross",
}  # fmt: skip
CHINESE = {
    "龙": "dragon", "蛇": "snake", "莲花": "lotus", "蝴蝶": "butterfly", "鱼": "fish", "马": "horse", "狮子": "lion", "兔子": "rabbit",
    "猫头鹰": "owl", "月亮": "moon", "太阳": "sun", "玫瑰": "rose", "心": "heart", "王冠": "crown", "竹子": "bamboo", "熊猫": "panda",
}  # fmt: skip
UNSEEN = {word: tuple(right.split("|")) for word, right in (ENGLISH | CHINESE).items()}
